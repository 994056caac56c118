"""Verifies response JWTs with jwcrypto.

Called with a file that holds a JSON array of
{"alg", "jwt", "issuer", "client_id", "jwks", "client_secret"}; prints how many were verified,
or fails at the first that is not sound.
"""

import json
import sys
import time

from jwcrypto import jwk, jws
from jwcrypto.common import base64url_encode

LONGEST_LIFETIME = 600


def verify(response):
    """Returns the claims of a response JWT; raises when it is not sound."""
    alg = response["alg"]
    token = jws.JWS()
    token.allowed_algs = [alg]
    token.deserialize(response["jwt"])
    token.verify(key_for(response, token.jose_header), alg=alg)
    claims = json.loads(token.payload)
    if claims["iss"] != response["issuer"] or claims["aud"] != response["client_id"]:
        raise ValueError("another issuer or audience")
    if not isinstance(claims["exp"], int) or not 0 < claims["exp"] - time.time() <= LONGEST_LIFETIME:
        raise ValueError("expired, or living too long")
    return claims


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


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        responses = json.load(file)
    for response in responses:
        try:
            verify(response)
        except Exception as error:
            sys.exit(f"{response['alg']}: {type(error).__name__}: {error}")
    print(len(responses))


if __name__ == "__main__":
    main()
