"""Prints every task event, and resumes after a disconnect: python_client.py [URL]"""

import os
import sys

import socketio  # pip install "python-socketio[client]"

url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DASHBOARD_URL", "http://127.0.0.1:8080")
auth = {"topics": ["tasks"], "token": os.environ.get("LLM_SERVICE_TOKEN")}
client = socketio.Client()


@client.on("*", namespace="/dashboard")
def on_message(name, body):
    # The number to resume from; handlers run in threads, so a later event may be handled first.
    if name == "snapshot" or ("type" in body and body["seq"] > auth.get("since", 0)):
        auth.update(since=body["seq"], epoch=body["epoch"])
    if name.startswith("task."):
        print(f"{body['seq']} {name} {body['task']['id']} {body['task']['lane']}\n", end="", flush=True)


client.connect(url, namespaces=["/dashboard"], auth=lambda: auth)
client.wait()
