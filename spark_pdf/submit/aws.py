"""What both kinds of EMR have in common: a client, its errors in our words, and Spark settings for the environment.

botocore validates each request against the service's model before it is sent; throttling and lost answers are tried
again by its standard mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spark_pdf.errors import AccessDenied, PlatformUnreachable, UnsupportedError, UsageError
from spark_pdf.submit.platforms import JobSpec

ARCHIVED_PYTHON = "./environment/bin/python"
IMAGE_PYTHON = "/opt/spark-pdf/bin/python"
"""Where deploy/emr/Dockerfile and deploy/k8s/Dockerfile put it."""

_DENIED = (
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature",
    "InvalidClientTokenId", "InvalidSignatureException", "UnrecognizedClientException",
)  # fmt: skip
_USAGE = (
    "ConflictException", "InvalidRequestException", "ResourceNotFoundException", "ServiceQuotaExceededException",
    "ValidationException",
)  # fmt: skip


def client(service: str, region: str | None) -> Any:
    """A client of boto3's. Raises `UsageError` where boto3 or a region is lacking."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import NoRegionError
    except ImportError:
        raise UnsupportedError("submitting to EMR needs an extra: pip install 'spark-pdf[emr]'") from None
    try:
        return boto3.client(service, region_name=region, config=Config(retries={"mode": "standard", "max_attempts": 8}))
    except NoRegionError:
        raise UsageError(f"no AWS region: set AWS_REGION, or region in submit.{service.replace('-', '_')}") from None


@contextmanager
def said(what: str) -> Iterator[None]:
    """An error of AWS's as one of ours, with its own sentence: it names resources, and neither data nor secrets."""
    from botocore import exceptions as of_aws

    try:
        yield
    except of_aws.ClientError as error:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        kind = AccessDenied if code in _DENIED else UsageError if code in _USAGE else PlatformUnreachable
        raise kind(f"{what}: {code}: {message}") from None
    except (of_aws.HTTPClientError, of_aws.ConnectionError) as error:
        raise PlatformUnreachable(f"{what}: {type(error).__name__}: {error}") from None
    except (
        of_aws.CredentialRetrievalError,
        of_aws.NoCredentialsError,
        of_aws.PartialCredentialsError,
        of_aws.SSOError,
        of_aws.TokenRetrievalError,
    ) as error:
        raise AccessDenied(f"{what}: {error}") from None
    except of_aws.BotoCoreError as error:
        raise UsageError(f"{what}: {error}") from None


def spark_conf(spec: JobSpec, *, driver: str) -> dict[str, str]:
    """Settings that give driver and executors the environment; the config's own win. `driver` is the prefix of the
    driver's environment variables.
    """
    python = ARCHIVED_PYTHON if spec.staged.archive else IMAGE_PYTHON
    conf = {
        f"{driver}.PYSPARK_DRIVER_PYTHON": python,
        f"{driver}.PYSPARK_PYTHON": python,
        "spark.executorEnv.PYSPARK_PYTHON": python,
        # Python workers live outside the heap, as in conf/spark-defaults.conf.
        "spark.executor.memoryOverheadFactor": "0.25",
    }
    if spec.staged.archive:
        conf["spark.archives"] = f"{spec.staged.archive}#environment"
    return {**conf, **spec.config.submit.conf}


def conf_words(conf: Mapping[str, str]) -> list[str]:
    """`--conf key=value` for each, in order."""
    return [word for key, value in sorted(conf.items()) for word in ("--conf", f"{key}={value}")]
