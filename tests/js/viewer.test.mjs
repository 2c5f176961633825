/** What the viewer makes of texts: hidden characters, tags, facts before a text, notebooks, colours of terminals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlain, visible, withMarks } from "../../static/lib/hidden.js";
import { html } from "../../static/lib/html.js";
import { splitFront } from "../../static/lib/front-matter.js";
import { openTags, safeTags } from "../../static/lib/safe-tags.js";
import { readNotebook } from "../../static/pages/artifacts/notebook.js";

const RULES = { link: (href) => `L:${href}`, picture: ({ src = "", alt = "" }) => `[${src}|${alt}]` };

test("every character that Unicode says is ignorable is marked, but for joiners and selectors by themselves", () => {
  const free = new Set([0x200c, 0x200d]);
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const isSelector = /\p{Variation_Selector}/u.test(character);
    if (/\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/u.test(character) && !isSelector && !free.has(code)) {
      assert.equal(isPlain(`a${character}b`), false, code.toString(16));
    }
  }
  assert.equal(isPlain("a\u200db"), false);
  assert.equal(isPlain("👨\u200d👩\u200d👧 می\u200cخواهم ❤\ufe0f"), true);
  assert.equal(visible("a\u202eb"), "a‹U+202E›b");
  assert.match(withMarks("\u200b\u202e"), /U\+200B.*U\+202E/);
});

test("a template marks in text, spells out in what is read, and leaves other attributes as they are", () => {
  const value = "a\u202eb";
  const { text } = html`<a title="${value}" href="${value}">${value}${[html`<b>${value}</b>`]}</a> ${value}`;
  assert.equal(text.match(/class="hidden-character"/g).length, 3);
  assert.ok(text.includes('title="a‹U+202E›b"'));
  assert.ok(text.includes(`href="${value}"`));
});

test("tags that arrange text stay with the attributes that do; others are shown, or dropped", () => {
  const show = (text) => safeTags(text, RULES);
  assert.equal(show('<p align="center" style="x" onclick=y>a<br/>b</p>'), '<p align="center">a<br>b</p>');
  assert.equal(show("<script>x</script>"), "&lt;script&gt;x&lt;/script&gt;");
  assert.equal(show("a < b <!-- hidden --> <3"), "a &lt; b  &lt;3");
  assert.equal(show(`<a href='x"y' name=n>l</a>`), '<a href="L:x&quot;y" name="n">l</a>');
  assert.equal(show('<IMG src="a.png" alt="A &amp; B" onerror=x>'), "[a.png|A & B]");
  assert.equal(show("<picture><source srcset=x><img src=y></picture>"), "[y|]");
  assert.equal(safeTags("<style>a</style><x-y>b</x-y><td onclick='z'>c</td>", RULES, "drop"), "b<td>c</td>");
  assert.equal(openTags("<details><summary>x</summary><br>"), 1);
  assert.equal(openTags("</details>"), -1);
});

test("facts before a text are a table or folded, and a rule is none of them", () => {
  const { front, body } = splitFront("---\ntitle: A: b\ntags:\n  - x\n---\n# Text\n");
  assert.equal(body, "# Text\n");
  assert.ok(front.includes("<th>title</th><td>A: b</td>"));
  assert.ok(front.includes("<th>tags</th><td>- x</td>"));
  assert.ok(splitFront("---\r\na: <b>\r\n---\r\nx").front.includes("&lt;b&gt;"));
  assert.ok(splitFront("+++\na = 1\n+++\nx").front.includes("<th>a</th><td>1</td>"));
  assert.ok(splitFront("---\na: 1\n\t!odd\nstray\n---\nx").front.startsWith("<details"));
  for (const text of ["---\n\nNo facts\n\n---\n", "# T\n\n---\na: 1\n---\n", "---\nnever: closed\n"]) {
    assert.deepEqual(splitFront(text), { front: "", body: text });
  }
});

test("a notebook is read whoever wrote it, and what is none is said to be none", () => {
  const old = { nbformat: 3, worksheets: [{ cells: [{ cell_type: "heading", level: 2, source: ["T"] }, { cell_type: "code", input: ["1"] }] }] };
  assert.deepEqual(readNotebook(JSON.stringify(old)).cells.map(({ kind, text }) => [kind, text]), [["markdown", "## T"], ["code", "1"]]);
  const odd = { cells: [null, { cell_type: "code", source: 5, outputs: [null, { data: { "image/png": "no<t base64" } }, { output_type: "stream", text: ["a", 1, "b"] }] }] };
  const [first, second] = readNotebook(JSON.stringify(odd)).cells;
  assert.equal(first.kind, "raw");
  assert.deepEqual(second.outputs, [{ kind: "text", text: "ab" }]);
  for (const text of ["", "[]", "null", "{}", '{"worksheets": 1}']) assert.equal(readNotebook(text), null);
});
