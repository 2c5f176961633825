"""Prints every task event, and after a disconnect goes on where it was: python_client.py [URL]"""

import os
import sys

import socketio  # pip install "python-socketio[client]"

url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DASHBOARD_URL", "http://127.0.0.1:8080")
auth = {"topics": ["tasks"], "token": os.environ.get("LLM_SERVICE_TOKEN")}
client = socketio.Client()


@client.on("*", namespace="/dashboard")
def on_message(name, body):
    if name == "snapshot" or "type" in body:  # the messages that carry a number to resume from
        auth.update(since=body["seq"], epoch=body["epoch"])
    if name.startswith("task."):
        print(body["seq"], name, body["task"]["id"], body["task"]["lane"], flush=True)


client.connect(url, namespaces=["/dashboard"], auth=lambda: auth)
client.wait()
