"""Verifies response JWTs with jwcrypto.

Called with a file that holds a JSON array of
{"alg", "jwt", "issuer", "client_id", "jwks", "client_secret"} and, where the response is encrypted,
"encryption": {"alg", "enc", "key"}, the key being a private JWK or absent for the client's secret.
Prints {"verified", "unknown"}: how many were verified, and which algorithms jwcrypto does not know;
or fails at the first that is not sound.
"""

import hashlib
import json
import sys
import time

from jwcrypto import jwe, jwk, jws
from jwcrypto.common import InvalidJWAAlgorithm, base64url_encode
from jwcrypto.jwa import JWA

LONGEST_LIFETIME = 600
CONTENT_KEY_BITS = {
    "A128CBC-HS256": 256,
    "A192CBC-HS384": 384,
    "A256CBC-HS512": 512,
    "A128GCM": 128,
    "A192GCM": 192,
    "A256GCM": 256,
}
HASHES = {256: hashlib.sha256, 384: hashlib.sha384, 512: hashlib.sha512}


def verify(response):
    """Returns the claims of a response JWT; raises when it is not sound."""
    alg = response["alg"]
    token = jws.JWS()
    token.allowed_algs = [alg]
    token.deserialize(decrypt(response))
    token.verify(key_for(response, token.jose_header), alg=alg)
    claims = json.loads(token.payload)
    if claims["iss"] != response["issuer"] or claims["aud"] != response["client_id"]:
        raise ValueError("another issuer or audience")
    if not isinstance(claims["exp"], int) or not 0 < claims["exp"] - time.time() <= LONGEST_LIFETIME:
        raise ValueError("expired, or living too long")
    return claims


def decrypt(response):
    """Returns the JWS of a response, which is encrypted as the client registered or not at all."""
    encryption = response.get("encryption")
    if encryption is None:
        return response["jwt"]
    token = jwe.JWE()
    token.allowed_algs = [encryption["alg"], encryption["enc"]]
    token.deserialize(response["jwt"], decryption_key(encryption, response["client_secret"]))
    header = token.jose_header
    if (header["alg"], header["enc"]) != (encryption["alg"], encryption["enc"]) or header["cty"] != "JWT":
        raise ValueError("encrypted otherwise than registered")
    return token.payload.decode()


def decryption_key(encryption, secret):
    """The client's private key, or the left of a hash of its secret (OpenID Connect Core 10.2)."""
    if encryption.get("key") is not None:
        return jwk.JWK(**encryption["key"])
    alg = encryption["alg"]
    bits = CONTENT_KEY_BITS[encryption["enc"]] if alg == "dir" else int(alg[1:4])
    longer = next(size for size in sorted(HASHES) if size >= bits)
    derived = HASHES[longer](secret.encode()).digest()[: bits // 8]
    return jwk.JWK(kty="oct", k=base64url_encode(derived))


def key_for(response, header):
    """Finds the key: the client secret for HS*, else the one that `kid` names in the JWK set."""
    if response["alg"].startswith("HS"):
        secret = response["client_secret"].encode()
        return jwk.JWK(kty="oct", k=base64url_encode(secret))
    keys = jwk.JWKSet.from_json(json.dumps(response["jwks"]))
    key = keys.get_key(header["kid"])
    if key is None:
        raise ValueError(f"no key {header['kid']}")
    return key


def unknown_algorithms(response):
    """The algorithms of a response's encryption that jwcrypto does not have."""
    encryption = response.get("encryption")
    if encryption is None:
        return []
    lookups = [(JWA.keymgmt_alg, encryption["alg"]), (JWA.encryption_alg, encryption["enc"])]
    return [name for lookup, name in lookups if not has(lookup, name)]


def has(lookup, name):
    try:
        lookup(name)
        return True
    except InvalidJWAAlgorithm:
        return False


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        responses = json.load(file)
    verified, unknown = 0, set()
    for response in responses:
        lacking = unknown_algorithms(response)
        unknown.update(lacking)
        if lacking:
            continue
        try:
            verify(response)
        except Exception as error:
            sys.exit(f"{response['alg']}, {response.get('encryption')}: {type(error).__name__}: {error}")
        verified += 1
    print(json.dumps({"verified": verified, "unknown": sorted(unknown)}))


if __name__ == "__main__":
    main()
