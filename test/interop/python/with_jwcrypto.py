"""with_jwcrypto.py RING < HANDLE: opens and verifies a handle with jwcrypto and none of Waxseal's code; prints the claims."""

import json
import sys

from jwcrypto.common import base64url_decode, base64url_encode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

handle = sys.stdin.read().strip()
kid = json.loads(base64url_decode(handle.split(".")[0]))["kid"]
halves = {key["kty"]: JWK(**key) for key in json.load(open(sys.argv[1]))["keys"] if key["kid"] == kid}
outer = JWE(algs=["dir", "A256GCM"])
outer.deserialize(handle, halves["oct"])  # decrypts, and inflates where there is a zip
if outer.jose_header.get("typ") != "handle":
    sys.exit("not a handle of version 1")
signature, claims = outer.payload[:64], outer.payload[64:]
# The inner header is not carried: the kid says all of it. jwcrypto's own JWS knows this signature as EdDSA only (RFC 8037).
inner = json.dumps({"alg": "Ed25519", "b64": False, "crit": ["b64"], "kid": kid, "typ": "handle+jws"}, separators=(",", ":"))
halves["OKP"].get_op_key("verify").verify(signature, base64url_encode(inner).encode() + b"." + claims)
print(claims.decode())
