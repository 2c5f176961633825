/** What the type checker has to know of the window: our elements and events, and the libraries in vendor/. Never loaded by the page. */

interface HTMLElementTagNameMap {
  "activity-feed": import("./shell/activity-feed.js").ActivityFeed;
  "connection-badge": import("./shell/connection-badge.js").ConnectionBadge;
  "help-dialog": import("./shell/help-dialog.js").HelpDialog;
  "notice-banner": import("./shell/notices.js").NoticeBanner;
  "segment-group": import("./ui/segments.js").SegmentGroup;
  "tab-bar": import("./ui/tabs.js").TabBar;
  "page-nav": import("./shell/top-bar.js").PageNav;
  "toast-list": import("./shell/notices.js").ToastList;
  "top-bar": import("./shell/top-bar.js").TopBar;
}

/** What elements ask of the shell, by events that bubble up to the document. */
interface PageEvents {
  "activity-toggle": object;
  "desk-change": object;
  "desk-choose": { desk: import("./pages/jobs/types.js").StartDesk };
  "filters-change": { changes: import("./lib/types.js").Filters };
  "filters-clear": object;
  "help-open": object;
  "host-open": { observer: string; kind: string; id: string; path?: string | null };
  "palette-open": object;
  "bar-open": { at: number; part: number | null };
  "bars-select": { from: number; to: number };
  "log-watch": { job: string | null };
  "page-mark": { page: string; mark: import("./lib/types.js").PageMark | null };
  "page-open": { page: string; item?: string | null; query?: Record<string, string> };
  "query-change": { changes: Record<string, string | null | undefined> };
  "segment-choose": { name: string | null; value: string };
  "tab-choose": { name: string };
  "task-close": object;
  "task-open": { id: string; path: string | null; isStep?: boolean };
  "task-step": { by: number };
  "theme-next": object;
  toast: import("./lib/types.js").Toast;
  "toast-change": { key: string; title: string; text: string };
  "toast-drop": { key: string };
}
type CustomEvents<Details> = { [Name in keyof Details]: CustomEvent<Details[Name]> };
interface GlobalEventHandlersEventMap extends CustomEvents<PageEvents> {}

interface Window {
  /** For tests: what the stores have applied; see app.js. */
  __dashboard: { readonly seq: number | null; readonly epoch: string | null; tasks: () => number };
}

/** Trusted Types; what they give is written as the text that it stands for. */
interface TrustedRules {
  createHTML: (text: string) => string;
  createScriptURL: (path: string) => string;
}
declare var trustedTypes: { createPolicy: (name: string, rules: TrustedRules) => TrustedRules };

interface MarkdownParser {
  use: (...options: object[]) => void;
  parse: (text: string | import("./lib/types.js").MarkdownToken[]) => string;
  parseInline: (tokens: import("./lib/types.js").MarkdownToken[]) => string;
  walkTokens: (tokens: import("./lib/types.js").MarkdownToken[], callback: (token: object) => unknown) => unknown;
  defaults: { walkTokens: (token: object) => unknown };
  lexer: (text: string) => import("./lib/types.js").MarkdownToken[];
  parser: (tokens: import("./lib/types.js").MarkdownToken[]) => string;
}

declare module "*/vendor/marked/marked.esm.js" {
  export const Marked: new (options: object) => MarkdownParser;
}

declare module "*/vendor/marked-alert/index.js" {
  export default function alerts(): object;
}

declare module "*/vendor/marked-footnote/index.js" {
  export default function footnotes(): object;
}

declare module "*/vendor/github-slugger/index.js" {
  export default class Slugger {
    slug(text: string): string;
    reset(): void;
  }
}

declare module "*/vendor/ansi-sequence-parser/index.js" {
  type Colour = { type: "named"; name: string } | { type: "rgb"; rgb: number[] } | { type: "table"; index: number };
  interface AnsiToken {
    value: string;
    foreground: Colour | null;
    background: Colour | null;
    decorations: Set<string>;
  }
  export function createAnsiSequenceParser(): { parse: (text: string) => AnsiToken[] };
}

declare module "*/vendor/dompurify/purify.es.mjs" {
  const purify: {
    addHook: (name: string, hook: (node: Element, data: any) => void) => void;
    sanitize: (markup: string, options: object) => DocumentFragment;
  };
  export default purify;
}

declare module "*/vendor/@highlightjs/cdn-assets/highlight.min.js" {
  const library: {
    getLanguage: (name: string) => unknown;
    registerLanguage: (name: string, define: unknown) => void;
    highlight: (text: string, options: { language: string; ignoreIllegals: boolean }) => { value: string };
  };
  export default library;
}

declare module "*/vendor/socket.io-client/socket.io.esm.min.js" {
  export const io: import("./live/socket.js").Io;
}
