"""with_jwcrypto.py RING < HANDLE: opens and verifies a handle with jwcrypto and none of Waxseal's code; prints the claims."""

import json
import sys

from jwcrypto.common import base64url_decode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

handle = sys.stdin.read().strip()
kid = json.loads(base64url_decode(handle.split(".")[0]))["kid"]
halves = {key["kty"]: JWK(**key) for key in json.load(open(sys.argv[1]))["keys"] if key["kid"] == kid}
outer = JWE(algs=["dir", "A256GCM"])
outer.deserialize(handle, halves["oct"])  # decrypts, and inflates where there is a zip
inner, payload, signature = outer.payload.decode().split(".")
if json.loads(base64url_decode(inner)) != {"alg": "Ed25519", "typ": "handle+jwt"}:
    sys.exit("not the inner token of a handle")
halves["OKP"].get_op_key("verify").verify(base64url_decode(signature), f"{inner}.{payload}".encode())
print(base64url_decode(payload).decode())
