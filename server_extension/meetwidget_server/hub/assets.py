"""The plain page's script and style, under names that change with their content.

So a browser keeps them for ever and still has the right ones after an update.
"""

from __future__ import annotations

from pathlib import Path

from meetwidget_server.assets import STATIC, Asset


class Assets:
    """What was built when the service started; an update comes with a restart."""

    def __init__(self, folder: Path = STATIC) -> None:
        """Reads the files.

        Raises:
            OSError: they were not built.
        """
        self.script = Asset.read(folder / "page.js")
        self.style = Asset.read(folder / "page.css")
        self._by_address = {self.address(asset): asset for asset in (self.script, self.style)}

    @staticmethod
    def address(asset: Asset) -> str:
        """Returns its name with a part of its hash: ``page-1f2e3d4c5b6a.js``."""
        stem, _, kind = asset.name.partition(".")
        return f"{stem}-{asset.digest}.{kind}"

    def find(self, address: str) -> Asset | None:
        """Returns the asset of exactly this name and content."""
        return self._by_address.get(address)
