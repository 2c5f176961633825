"""A certificate of this machine that nobody trusts unless told to."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certificate_of_loopback(folder: Path) -> tuple[Path, Path]:
    """(key, certificate) of 127.0.0.1, made in the folder."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    return key, certificate
