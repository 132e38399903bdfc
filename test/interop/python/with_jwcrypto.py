"""with_jwcrypto.py RING < HANDLE: opens and verifies a handle with jwcrypto, without Waxseal's code, and prints the claims."""

import json
import sys

from jwcrypto.common import base64url_decode, base64url_encode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

handle = sys.stdin.read().strip()
kid = json.loads(base64url_decode(handle.split(".")[0]))["kid"]
halves = {key["kty"]: JWK(**key) for key in json.load(open(sys.argv[1]))["keys"] if key["kid"] == kid}
outer = JWE(algs=["dir", "A256GCM"])
outer.deserialize(handle, halves["oct"])  # decrypts, and inflates if the header has zip
if outer.jose_header.get("typ") != "handle":
    sys.exit("not a handle of version 1")
signature, claims = outer.payload[:64], outer.payload[64:]
# The handle leaves out the inner header, which follows from the kid.
inner = json.dumps({"alg": "Ed25519", "b64": False, "crit": ["b64"], "kid": kid, "typ": "handle+jws"}, separators=(",", ":"))
# jwcrypto's class JWS knows this signature only as EdDSA (RFC 8037), so the key itself verifies it.
halves["OKP"].get_op_key("verify").verify(signature, base64url_encode(inner).encode() + b"." + claims)
print(claims.decode())
