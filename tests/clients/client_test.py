"""A client in Python: signed and encrypted responses by form post, read with jwcrypto."""

import hashlib
import json
import os
import pathlib
import re
import secrets
import subprocess
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from jwcrypto import jwk
from jwcrypto.common import base64url_decode, base64url_encode
from verify_jwcrypto import verify

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = os.environ.get("JARM_SERVER", str(ROOT / "target/debug/authorization-server"))
REDIRECT_URI = "https://client.example/callback"
LIMIT = 15
START_LIMIT = 60


class Inputs(HTMLParser):
    """Collects the hidden inputs of a page."""

    def __init__(self):
        super().__init__()
        self.values = {}

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "input" and attributes.get("type") == "hidden":
            self.values[attributes["name"]] = attributes["value"]


def fetch(url, data=None, headers=None):
    request = urllib.request.Request(url, data, headers or {})
    with urllib.request.urlopen(request, timeout=LIMIT) as response:
        return response.read().decode()


class FormPost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen(
            [SERVER, "--listen", "127.0.0.1:0", "--auto-approve"], stdout=subprocess.PIPE, text=True
        )
        cls.addClassCleanup(cls.stop)
        limit = threading.Timer(START_LIMIT, cls.process.kill)
        limit.start()
        line = cls.process.stdout.readline()
        limit.cancel()
        cls.url = re.fullmatch(r"listening on (http://\S+)\n", line).group(1)

    @classmethod
    def stop(cls):
        cls.process.kill()
        cls.process.wait(LIMIT)
        cls.process.stdout.close()

    def register(self, **metadata):
        body = {"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none", **metadata}
        headers = {"content-type": "application/json"}
        return json.loads(fetch(self.url + "/register", json.dumps(body).encode(), headers))

    def authorize(self, client, key=None, **changes):
        """Returns the response as `verify` takes it, and the code verifier."""
        verifier = secrets.token_urlsafe(32)
        query = urllib.parse.urlencode({
            "client_id": client["client_id"],
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "response_mode": "form_post.jwt",
            "state": "st&<\">\u00e9",
            "code_challenge": base64url_encode(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **changes,
        })
        page = Inputs()
        page.feed(fetch(f"{self.url}/authorize?{query}"))
        self.assertEqual(list(page.values), ["response"])
        response = {
            "alg": client["authorization_signed_response_alg"],
            "jwt": page.values["response"],
            "issuer": self.url,
            "client_id": client["client_id"],
            "client_secret": client.get("client_secret"),
            "jwks": json.loads(fetch(self.url + "/jwks")),
        }
        if "authorization_encrypted_response_alg" in client:
            response["encryption"] = {
                "alg": client["authorization_encrypted_response_alg"],
                "enc": client["authorization_encrypted_response_enc"],
                "key": key and key.export(as_dict=True),
            }
        return response, verifier

    def test_a_code_arrives_and_is_exchanged(self):
        client = self.register(authorization_signed_response_alg="ES256")
        response, verifier = self.authorize(client)
        claims = verify(response)
        self.assertEqual(claims["state"], "st&<\">\u00e9")
        tokens = json.loads(fetch(self.url + "/token", urllib.parse.urlencode({
            "grant_type": "authorization_code",
            "client_id": client["client_id"],
            "redirect_uri": REDIRECT_URI,
            "code": claims["code"],
            "code_verifier": verifier,
        }).encode()))
        self.assertIn("access_token", tokens)

    def test_an_error_is_signed(self):
        client = self.register(authorization_signed_response_alg="PS256")
        response, _ = self.authorize(client, login_hint="deny")
        self.assertEqual(verify(response)["error"], "access_denied")

    def test_the_secret_is_the_mac_key(self):
        client = self.register(
            authorization_signed_response_alg="HS256",
            token_endpoint_auth_method="client_secret_basic",
        )
        response, _ = self.authorize(client)
        self.assertIn("code", verify(response))

    def test_a_response_is_encrypted_to_a_key_of_jwcrypto(self):
        for members in [{"kty": "OKP", "crv": "X25519"}, {"kty": "EC", "crv": "P-521"}]:
            with self.subTest(members):
                key = jwk.JWK.generate(**members, kid="python", use="enc")
                client = self.register(
                    authorization_encrypted_response_alg="ECDH-ES+A256KW",
                    jwks={"keys": [key.export_public(as_dict=True)]},
                )
                response, _ = self.authorize(client, key)
                self.assertIn("code", verify(response))
                response["encryption"]["key"] = jwk.JWK.generate(**members).export(as_dict=True)
                with self.assertRaises(Exception):
                    verify(response)

    def test_a_response_is_encrypted_to_the_secret(self):
        client = self.register(
            authorization_encrypted_response_alg="dir",
            authorization_encrypted_response_enc="A256CBC-HS512",
            token_endpoint_auth_method="client_secret_basic",
        )
        response, _ = self.authorize(client, login_hint="deny")
        self.assertEqual(verify(response)["error"], "access_denied")
        with self.assertRaises(Exception):
            verify({**response, "client_secret": "another"})

    def test_an_unencrypted_response_is_refused_by_a_client_with_encryption(self):
        response, _ = self.authorize(self.register())
        self.assertIn("code", verify(response))
        key = jwk.JWK.generate(kty="EC", crv="P-256").export(as_dict=True)
        with self.assertRaises(Exception):
            verify({**response, "encryption": {"alg": "ECDH-ES", "enc": "A128GCM", "key": key}})

    def test_the_verifier_refuses_what_was_changed(self):
        client = self.register()
        response, _ = self.authorize(client)
        header, payload, signature = response["jwt"].split(".")
        changed = json.loads(base64url_decode(payload)) | {"code": "evil"}
        forged = ".".join([header, base64url_encode(json.dumps(changed)), signature])
        for change in [{"jwt": forged}, {"client_id": "another"}, {"issuer": "https://evil.example"}]:
            with self.subTest(change), self.assertRaises(Exception):
                verify({**response, **change})


if __name__ == "__main__":
    unittest.main()
