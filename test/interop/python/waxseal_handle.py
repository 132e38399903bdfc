"""The Waxseal handle, version 1: a second implementation, written from docs/handle-format.md alone.

It follows that document section by section, and section 6 step by step. It needs only Python 3.11 and `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Claims = dict[str, Any]

DEFAULT_LIMIT = 8_192  # characters of a handle
MAX_P = 65_536  # bytes
SIGNATURE_LENGTH = 64  # bytes
MAX_SAFE_INTEGER = 2**53 - 1
MAX_TIME = 253_402_300_799  # the year 9999
THIRTY_DAYS = 2_592_000
MAX_DEPTH = 128  # of nested arrays and objects, counting the object of the claims


class HandleError(Exception):
    """A handle was refused, or could not be made. Callers see the code. The reason is for the operator's log."""

    def __init__(self, code: str, reason: str | None = None) -> None:
        super().__init__(code if reason is None else f"{code} ({reason})")
        self.code = code
        self.reason = reason


def rejected(reason: str) -> HandleError:
    return HandleError("rejected", reason)


# --- Section 1: conventions ---
def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Decodes canonical base64url. Raises ValueError for any other spelling: Python's decoder would skip unknown characters."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def parse_json(text: str) -> Any:
    """Reads JSON as ECMAScript does: every number is a double. Raises ValueError for invalid JSON and for too deep nesting."""

    def number(token: str) -> int | float:
        value = float(token)  # int() would not round as ECMAScript does, and it refuses numbers of more than 4,300 digits
        return int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else value

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name occurs twice")
        return dict(pairs)

    def refuse(token: str) -> NoReturn:
        raise ValueError(f"{token} is not JSON")

    depth = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(r'"(?:[^"\\]|\\.)*"?', "", text, flags=re.DOTALL)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
    return json.loads(text, parse_int=number, parse_float=number, parse_constant=refuse, object_pairs_hook=members)


def canonical_json(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():  # before int, because bool is a subclass of int
            return "true" if value else "false"
        case int() | float():
            return number_to_string(value)
        case str():
            return _quoted(value)
        case list() | tuple():
            return "[" + ",".join([canonical_json(item) for item in value]) + "]"
        case dict():
            names = sorted(value, key=lambda name: int(name) if _is_array_index(name) else 2**32)  # sorted() is stable, so other names keep their order
            return "{" + ",".join([_quoted(name) + ":" + canonical_json(value[name]) for name in names]) + "}"
    raise TypeError(f"{type(value).__name__} has no JSON")


def _is_array_index(name: str) -> bool:
    return re.fullmatch(r"0|[1-9][0-9]{0,9}", name) is not None and int(name) < 2**32 - 1


def _quoted(text: str) -> str:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    # json.dumps escapes the same characters as ECMAScript, except lone surrogates.
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(joined, ensure_ascii=False))


def number_to_string(value: int | float) -> str:
    """Writes a number as ECMA-262 §6.1.6.1.20 says. repr() gives the same shortest digits, but in another notation."""
    value = float(value)
    if not math.isfinite(value):
        raise ValueError("JSON has no such number")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    s = "".join(map(str, digits))
    k, n = len(s), len(s) + int(exponent)
    if k <= n <= 21:
        text = s + "0" * (n - k)
    elif 0 < n <= 21:
        text = f"{s[:n]}.{s[n:]}"
    elif -6 < n <= 0:
        text = "0." + "0" * -n + s
    else:
        text = (s if k == 1 else f"{s[0]}.{s[1:]}") + f"e{n - 1:+d}"
    return "-" * sign + text


# --- Section 2: the parts of a handle ---
def outer_header(kid: str, compressed: bool) -> str:
    """Returns the outer header in base64url. GCM authenticates the header in this form."""
    zip_member = ',"zip":"DEF"' if compressed else ""
    return base64url(f'{{"alg":"dir","enc":"A256GCM","kid":"{kid}","typ":"handle"{zip_member}}}'.encode())


def signing_input(kid: str, claims: bytes) -> bytes:
    inner = f'{{"alg":"Ed25519","b64":false,"crit":["b64"],"kid":"{kid}","typ":"handle+jws"}}'
    return base64url(inner.encode()).encode() + b"." + claims


def derived_iv(kid: str, private: bytes, outer: str, e: bytes) -> bytes:
    key = HKDF(hashes.SHA256(), 32, None, f"waxseal handle iv v1:{kid}".encode()).derive(private)
    return hmac.digest(key, outer.encode() + b"." + e, "sha256")[:12]


# --- Section 3: grammar ---
KID = r"[A-Za-z0-9_-]{1,32}"
HANDLE = re.compile(r"([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})")
OUTER_HEADER = re.compile(rf'{{"alg":"dir","enc":"A256GCM","kid":"({KID})","typ":"handle"(,"zip":"DEF")?}}'.encode())


# --- Section 4: claims ---
def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _integer(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most  # type() and not isinstance(), because True is an int


_right = _text(r"[A-Za-z0-9_.-]{1,128}")

# A writer puts the claims in this order.
RULES: dict[str, Callable[[Any], bool]] = {
    "jti": _text(r"[A-Za-z0-9_-]{16}"),
    "kind": _text(r"[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}"),
    "rev": _integer(1, MAX_SAFE_INTEGER),
    "iat": _integer(0, MAX_TIME),
    "exp": _integer(0, MAX_TIME),
    "prv": _text(r"[A-Za-z0-9_-]{16}"),
    "sub": _text(r"[A-Za-z0-9_-]{21}[AQgw]"),
    "aud": lambda value: isinstance(value, str) and 1 <= len(value.encode("utf-16-le", "surrogatepass")) // 2 <= 256,
    "scp": lambda value: isinstance(value, list) and 1 <= len(value) <= 64 and all(map(_right, value)),
    "st": lambda value: True,
}
REQUIRED = {"jti", "kind", "rev", "iat", "exp", "st"}


def are_claims(value: Any) -> bool:
    if not isinstance(value, dict) or not REQUIRED <= value.keys() <= RULES.keys():
        return False
    if not all(RULES[name](claim) for name, claim in value.items()):
        return False
    return value["iat"] < value["exp"] <= value["iat"] + THIRTY_DAYS and ("prv" in value) == (value["rev"] > 1)


def fingerprint(handle: str) -> str:
    return base64url(hashlib.sha256(handle.encode("ascii")).digest()[:12])


def subject_hash(issuer: str, subject: str) -> str:
    """Returns the claim `sub` of a caller."""
    return base64url(hashlib.sha256(f"waxseal:sub:{canonical_json([issuer, subject])}".encode()).digest()[:16])


# --- Section 5: making a handle ---
def seal(claims: Claims, ring: Ring, *, now: int, visible: bool = False, limit: int = DEFAULT_LIMIT) -> str:
    """Seals claims into a handle. `visible` says that clients see the whole state of this kind, so that the handle may be compressed."""
    active = [entry for entry in ring.entries.values() if entry.state(now) == "active"]  # 1
    entry = min(active, key=lambda entry: (-entry.nbf, -entry.iat, entry.kid), default=None)
    if entry is None or entry.private is None:
        raise HandleError("unavailable", "no key mints now")
    if not are_claims(claims):
        raise HandleError("invalid_claims")
    if now < ring.subjects.get(claims.get("sub"), 0):  # section 7: a listed subject gets no handle
        raise rejected("revoked")
    text = canonical_json({name: claims[name] for name in RULES if name in claims}).encode()  # 2
    p = Ed25519PrivateKey.from_private_bytes(entry.private).sign(signing_input(entry.kid, text)) + text
    if len(p) > MAX_P:
        raise HandleError("state_too_large", "P")
    handle = encrypt(entry, p, compressed=False)
    if visible:  # 3
        deflater = zlib.compressobj(level=9, wbits=-15)
        handle = min(handle, encrypt(entry, deflater.compress(p) + deflater.flush(), compressed=True), key=len)
    if len(handle) > limit:  # 6
        raise HandleError("state_too_large", "handle")
    return handle


def encrypt(entry: Entry, e: bytes, *, compressed: bool) -> str:
    """Takes steps 4 and 5."""
    outer = outer_header(entry.kid, compressed)
    iv = derived_iv(entry.kid, entry.private, outer, e)
    sealed = AESGCM(entry.secret).encrypt(iv, e, outer.encode())
    return f"{outer}..{base64url(iv)}.{base64url(sealed[:-16])}.{base64url(sealed[-16:])}"


# --- Section 6: opening a handle ---
def open_handle(
    handle: Any, ring: Ring, *, now: int, limit: int = DEFAULT_LIMIT, not_before: int = 0, audience: str | None = None, subject: str | None = None,
    kinds: Collection[str] | None = None, rights: Collection[str] | None = None, fits: Callable[[str, Any], bool] = lambda kind, state: True,
) -> Claims:
    """Takes all steps of the ring's procedure. `subject` is a subject_hash().

    If `kinds` is None, every kind is accepted. The handle needs one of the `rights`; if `rights` is None, it needs no right.
    """
    claims = inspect_handle(handle, ring, now=now, limit=limit)
    if ring.is_inspectors:
        return claims
    if claims["iat"] > now + 60:  # 10
        raise rejected("issued_in_future")
    if claims["iat"] < not_before:
        raise rejected("issued_too_early")
    if claims.get("aud") != audience:  # 11
        raise rejected("audience")
    if claims.get("sub") != subject:  # 12
        raise rejected("subject")
    if now < max(ring.tasks.get(claims["jti"], 0), ring.subjects.get(claims.get("sub"), 0)):  # 13
        raise rejected("revoked")
    if now >= claims["exp"]:  # 14
        raise HandleError("expired")
    if kinds is not None and claims["kind"] not in kinds:  # 15
        raise HandleError("wrong_kind")
    if rights is not None and "scp" in claims and not set(rights) & set(claims["scp"]):  # 16
        raise HandleError("forbidden")
    if not fits(claims["kind"], claims["st"]):  # 17
        raise rejected("state")
    return claims


def inspect_handle(handle: Any, ring: Ring, *, now: int, limit: int = DEFAULT_LIMIT) -> Claims:
    """Opens a handle for inspection: stops after step 9. Raises HandleError."""
    outer, kid, compressed, iv, sealed = read_outer(handle, limit)
    entry = ring.entries.get(kid)
    if entry is None or entry.state(now) not in ("pending", "active", "retired"):  # 4
        raise rejected("unknown_key")
    e = decrypt(entry, outer, iv, sealed)
    if entry.private is not None and not hmac.compare_digest(iv, derived_iv(kid, entry.private, outer, e)):  # 6
        raise rejected("iv")
    p = inflate(e) if compressed else e
    if len(p) > MAX_P:  # 7, for a compressed and for an uncompressed handle
        raise rejected("inflation")
    signature, text = p[:SIGNATURE_LENGTH], p[SIGNATURE_LENGTH:]
    if entry.private is None:
        verify(entry, signature, text)
    return read_claims(text)


def read_outer(handle: Any, limit: int) -> tuple[str, str, bool, bytes, bytes]:
    """Takes steps 1 to 3. Returns the encoded header, its kid, whether it has zip, the IV, and the ciphertext with the tag."""
    parts = HANDLE.fullmatch(handle) if isinstance(handle, str) and len(handle) <= limit else None
    if parts is None:
        raise HandleError("malformed")
    try:
        outer, iv, ciphertext, tag = map(from_base64url, parts.groups())
    except ValueError:
        raise HandleError("malformed") from None
    found = OUTER_HEADER.fullmatch(outer)
    if found is None:
        raise HandleError("malformed")
    return parts[1], found[1].decode("ascii"), found[2] is not None, iv, ciphertext + tag


def decrypt(entry: Entry, outer: str, iv: bytes, sealed: bytes) -> bytes:
    """Takes step 5."""
    try:
        return AESGCM(entry.secret).decrypt(iv, sealed, outer.encode())
    except InvalidTag:
        raise rejected("decryption") from None


def inflate(data: bytes) -> bytes:
    """Takes step 7: inflates one whole DEFLATE stream with nothing after it. Stops one byte beyond the limit, so that the caller sees an excess."""
    stream = zlib.decompressobj(-15)
    try:
        inflated = stream.decompress(data, MAX_P + 1)
    except zlib.error:
        raise rejected("inflation") from None
    if not stream.eof or stream.unused_data:
        raise rejected("inflation")
    return inflated


def verify(entry: Entry, signature: bytes, text: bytes) -> None:
    """Takes step 8."""
    try:
        Ed25519PublicKey.from_public_bytes(entry.public).verify(signature, signing_input(entry.kid, text))
    except InvalidSignature:
        raise rejected("signature") from None


def read_claims(data: bytes) -> Claims:
    """Takes step 9."""
    try:
        text = data.decode("utf-8")
        claims = parse_json(text)
        canonical = canonical_json(claims) == text
    except ValueError:  # JSONDecodeError and UnicodeDecodeError are subclasses
        raise rejected("claims") from None
    if not canonical or not are_claims(claims):
        raise rejected("claims")
    return claims


# --- Section 7: the key ring ---
@dataclass(frozen=True)
class Entry:
    kid: str
    iat: int
    nbf: int
    exp: int
    revoked: bool
    secret: bytes = field(repr=False)
    public: bytes
    private: bytes | None = field(repr=False)  # None in an inspector ring

    def state(self, now: int) -> str:
        if self.revoked:
            return "revoked"
        if now < self.nbf:
            return "pending"
        return "active" if now < self.exp else "retired" if now < self.exp + THIRTY_DAYS else "gone"


@dataclass(frozen=True)
class Ring:
    entries: dict[str, Entry]
    tasks: dict[str, int]  # revoked tasks and the end of each revocation
    subjects: dict[str, int]

    @property
    def is_inspectors(self) -> bool:
        return all(entry.private is None for entry in self.entries.values())


def parse_ring(text: str) -> Ring:
    """Reads a ring. Raises HandleError unless every entry follows section 7, because a reader must understand the whole ring."""
    try:
        document = parse_json(text)
    except ValueError:
        raise HandleError("ring", "not JSON") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(jwk, dict) for jwk in keys):
        raise HandleError("ring", "not a JWK Set with keys in it")
    if document.get("development", True) is not True:
        raise HandleError("ring", "development is not true")
    halves: dict[str, list[dict[str, Any]]] = {}
    for jwk in keys:
        if not _text(KID)(jwk.get("kid")):
            raise HandleError("ring", "a key without a valid kid")
        halves.setdefault(jwk["kid"], []).append(jwk)
    entries = {kid: _entry(kid, jwks) for kid, jwks in halves.items()}
    if len({entry.private is None for entry in entries.values()}) == 2:
        raise HandleError("ring", "some entries have d and others have not")
    materials = [key for entry in entries.values() for key in (entry.secret, entry.public, entry.private) if key is not None]
    if len(set(materials)) < len(materials):
        raise HandleError("ring", "the same 32 bytes occur twice")
    for members, known in [(document, "revocations")] + [(jwk, "revoked") for jwk in keys]:
        if any(name.lower().startswith("revo") and name != known for name in members):
            raise HandleError("ring", "a misspelt member for a revocation")
    return Ring(entries, *_revocations(document.get("revocations", {})))


def _revocations(value: Any) -> tuple[dict[str, int], dict[str, int]]:
    if not isinstance(value, dict) or not value.keys() <= {"tasks", "subjects"}:
        raise HandleError("ring", "revocations is not an object of tasks and subjects")
    lists = []
    for listed, claim in (("tasks", "jti"), ("subjects", "sub")):
        items = value.get(listed, [])
        if not isinstance(items, list):
            raise HandleError("ring", f"the revoked {listed} are not a list")
        until: dict[str, int] = {}
        for item in items:
            if not isinstance(item, dict) or item.keys() != {claim, "until"} or not RULES[claim](item.get(claim)) or not RULES["exp"](item.get("until")):
                raise HandleError("ring", f"a revocation among the {listed} is not valid")
            until[item[claim]] = max(item["until"], until.get(item[claim], 0))  # if an item is revoked twice, the later end counts
        lists.append((len(items), until))
    if sum(count for count, _ in lists) > 10_000:
        raise HandleError("ring", "more than 10,000 revocations")
    return lists[0][1], lists[1][1]


def _entry(kid: str, jwks: list[dict[str, Any]]) -> Entry:
    expected = ({"kty": "oct", "use": "enc", "alg": "A256GCM"}, {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "Ed25519"})
    jwks = sorted(jwks, key=lambda jwk: jwk.get("kty") == "OKP")
    if len(jwks) != 2 or any(jwk.get(name) != value for jwk, wanted in zip(jwks, expected) for name, value in wanted.items()):
        raise HandleError("ring", f"{kid} is not one A256GCM and one Ed25519 key")
    oct_half, okp_half = jwks
    if "d" in oct_half:
        raise HandleError("ring", f"the secret of {kid} has a member d")
    is_time, times = _integer(0, MAX_TIME), ("iat", "nbf", "exp")
    for half in jwks:
        revoked = half.get("revoked", {"revoked_at": 0})
        if not all(is_time(half.get(name)) for name in times) or half["nbf"] >= half["exp"]:
            raise HandleError("ring", f"the times of {kid} are not valid")
        if not isinstance(revoked, dict) or not is_time(revoked.get("revoked_at")) or not isinstance(revoked.get("reason", ""), str):
            raise HandleError("ring", f"the revocation of {kid} is not valid")
    if any(oct_half[name] != okp_half[name] for name in times) or ("revoked" in oct_half) != ("revoked" in okp_half):
        raise HandleError("ring", f"the halves of {kid} differ")
    secret, public = _key_bytes(oct_half, "k"), _key_bytes(okp_half, "x")
    if not is_point_of_large_order(public):
        raise HandleError("ring", f"x of {kid} is not a public key")
    private = _key_bytes(okp_half, "d") if "d" in okp_half else None
    if private is not None:
        pair = Ed25519PrivateKey.from_private_bytes(private).public_key()
        if pair.public_bytes(Encoding.Raw, PublicFormat.Raw) != public:
            raise HandleError("ring", f"x and d of {kid} are not a pair")
    return Entry(kid, oct_half["iat"], oct_half["nbf"], oct_half["exp"], "revoked" in oct_half, secret, public, private)


def _key_bytes(jwk: dict[str, Any], name: str) -> bytes:
    try:
        data = from_base64url(jwk[name])
    except (KeyError, TypeError, ValueError):
        data = b""
    if len(data) != 32:
        raise HandleError("ring", f"{name} of {jwk['kid']} is not 32 bytes of base64url")
    return data


FIELD = 2**255 - 19
D = -121665 * pow(121666, -1, FIELD) % FIELD


def is_point_of_large_order(encoded: bytes) -> bool:
    """Tells whether RFC 8032 §5.1.3 decodes a point, and whether eight times that point differs from the neutral element."""
    number = int.from_bytes(encoded, "little")
    y = number % 2**255
    if y >= FIELD:
        return False
    # Solves the curve -x² + y² = 1 + d x² y² for x². With x² = 0 the sign bit would allow a second encoding; such points have small order.
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
    is_square = pow(x2, (FIELD - 1) // 2, FIELD) in (0, 1)
    # Points of order 1 and 2 have y = ±1, hence x = 0. Points of order 4 have y = 0.
    # Doubling a point of order 8 gives y = 0, hence y² = -x².
    return is_square and y != 0 and x2 != 0 and (y * y + x2) % FIELD != 0
