#!/bin/bash
# Bootstrap action of an EMR cluster, where the archive shall not bring a Python of its own (submit.python: /usr/bin/python3.11).
set -eu
command -v python3.11 >/dev/null || sudo dnf install -y python3.11
