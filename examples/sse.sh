#!/bin/sh
# Prints every task event as Server-Sent Events: sse.sh [URL]
exec curl -sSN ${LLM_SERVICE_TOKEN:+-H "Authorization: Bearer $LLM_SERVICE_TOKEN"} "${1:-${DASHBOARD_URL:-http://127.0.0.1:8080}}/streams/tasks"
