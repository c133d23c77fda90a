"""The versions of libraries that are known to work, where the pipeline uses private members.

pyproject.toml keeps pip from installing others; a program looks again when it starts, since an
environment may have been changed by hand.
"""

from importlib.metadata import PackageNotFoundError, version

from packaging.specifiers import SpecifierSet

from opendental_pipeline.settings.errors import ConfigurationError

TESTED_VERSIONS = {
    # its destinations, load packages and pipeline state are extended from inside
    "dlt": "==1.31.0",
    # rows are taken off `_result` and `_rfile`, and `_create_ssl_ctx` is replaced
    "PyMySQL": ">=1.2,<1.3",
    # comments are moved in `ca.items`, and lists laid out by `fa`
    "ruamel.yaml": ">=0.19,<0.20",
    # dlt 1.31 reads datasets with an argument that 30.22 dropped
    "sqlglot": ">=30,<30.22",
}
"""By library, as in pyproject.toml."""


def check_libraries() -> None:
    """Compares the installed versions with those that are known to work, in a few milliseconds.

    Raises:
        ConfigurationError: a sentence for each library that is installed in another version.
    """
    installed = {library: _version(library) for library in TESTED_VERSIONS}
    faults = [
        f"{library} {installed[library] or 'of an unknown version'} is installed, and this pipeline"
        f" is known to work with {tested}; run make setup, or pip install -r requirements.lock"
        for library, tested in TESTED_VERSIONS.items()
        if not _is_tested(installed[library], tested)
    ]
    if faults:
        raise ConfigurationError("\n".join(faults))


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _is_tested(installed: str | None, tested: str) -> bool:
    return installed is not None and SpecifierSet(tested).contains(installed, prereleases=True)
