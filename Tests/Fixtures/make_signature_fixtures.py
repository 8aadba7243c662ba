# SPDX-License-Identifier: MIT
"""Signs requests to a bucket with botocore: what Tests/ServiceTests/Bucket/BucketTests.swift expects.

Needs botocore from PyPI; prints the signatures.
"""
import datetime
from unittest import mock

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REQUESTS = [
    ("PUT", "http://127.0.0.1:9000/songs/a/uploads/0123", None),
    ("GET", "https://s3.eu-central-1.amazonaws.com/songs?list-type=2&prefix=a%2Fresults%2F", None),
    ("DELETE", "https://s3.eu-central-1.amazonaws.com/songs/results/k%20%C3%A4/stem-drums.wav", "token/+="),
]


class Clock(datetime.datetime):
    """The time of all signatures."""

    @classmethod
    def now(cls, zone=None):
        return cls(2026, 11, 28, 9, 5, 7, tzinfo=zone)

    @classmethod
    def utcnow(cls):
        return cls(2026, 11, 28, 9, 5, 7)


def main():
    for method, url, token in REQUESTS:
        request = AWSRequest(method=method, url=url)
        request.context["client_config"] = Config(s3={"payload_signing_enabled": False})
        credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
        auth = S3SigV4Auth(credentials, "s3", "eu-central-1")
        # The payload of ours is never signed; botocore would sign it without TLS.
        auth._should_sha256_sign_payload = lambda request: False
        with mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: Clock.utcnow()):
            auth.add_auth(request)
        print(method, url, request.headers["Authorization"], sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
