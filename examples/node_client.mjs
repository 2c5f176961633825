// Prints every task event, and resumes after a disconnect: node node_client.mjs [URL]
// The same works with `npm install socket.io-client` and: import { Fetch, io } from "socket.io-client";
import { Fetch, io } from "../static/vendor/socket.io-client/socket.io.esm.min.js";

const url = process.argv[2] ?? process.env.DASHBOARD_URL ?? "http://127.0.0.1:8080";
const auth = { topics: ["tasks"], token: process.env.LLM_SERVICE_TOKEN };
const transports = globalThis.WebSocket ? ["websocket"] : [Fetch]; // Node has WebSocket from version 22 on
const socket = io(`${url}/dashboard`, { auth: (send) => send(auth), transports });

socket.onAny((name, body) => {
  // Only these messages have a number to resume from.
  if (name === "snapshot" || body.type) Object.assign(auth, { since: body.seq, epoch: body.epoch });
  if (name.startsWith("task.")) console.log(body.seq, name, body.task.id, body.task.lane);
});
