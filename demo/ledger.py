"""The ledger: claims, payments with their splits, and adjustments, which add up."""

from demo.makers import on_the_day, one_of, same_as, where
from demo.rows import NO_DATE, ZERO_DATE, Block, Cells, Maker
from demo.shape import Column
from demo.values import amounts


def share_of(name: str, percent: int) -> Maker:
    """A part of another column's money."""

    def make(block: Block, _column: Column) -> Cells:
        return [f"{float(amount) * percent / 100:.2f}" for amount in block[name]]

    return make


def _payment(block: Block, _column: Column) -> Cells:
    """A few are refunds."""
    return [
        f"-{amount}" if block.random.random() < 0.02 else amount
        for amount in amounts(block, 1_500, 180_000)
    ]


def _split(block: Block, _column: Column) -> Cells:
    """The splits of a payment are its even parts; the first one takes the odd cents."""
    counts, kept = block.clinic.counts, block.clinic.kept["payment.PayAmt"]
    many, few = counts["paysplit"], counts["payment"]
    found = []
    for key, payment in zip(block.keys, block.parents, strict=True):
        # The number of splits before a payment's own, rounded up.
        before, after = (-(-number * many // few) for number in (payment - 1, payment))
        cents, odd = divmod(round(float(kept[payment - 1]) * 100), after - before)
        found.append(f"{(cents + odd * (key == before + 1)) / 100:.2f}")
    return found


def _billed(block: Block, _column: Column) -> Cells:
    fees = block.clinic.kept["procedurelog.ProcFee"]
    return [fees[int(key) - 1] if key != "0" else "0" for key in block["ProcNum"]]


def _adjustment(block: Block, _column: Column) -> Cells:
    """Mostly discounts, which are negative."""
    return [
        amount if block.random.random() < 0.15 else f"-{amount}"
        for amount in amounts(block, 200, 45_000)
    ]


MAKERS: dict[str, Maker] = {
    "payment.PayAmt": _payment,
    "payment.PayDate": lambda block, _column: block.some(0.995, block.dates, ZERO_DATE),
    "payment.IsSplit": one_of("1"),
    "paysplit.SplitAmt": _split,
    "paysplit.DatePay": on_the_day,
    "adjustment.AdjAmt": _adjustment,
    "adjustment.AdjDate": on_the_day,
    "claim.ClaimFee": lambda block, _column: amounts(block, 4_000, 260_000),
    "claim.ClaimStatus": one_of("R R R R R R S S W U H"),
    "claim.ClaimType": one_of("P P P P S PreAuth Other"),
    "claim.DateService": on_the_day,
    "claim.DateSent": where("ClaimStatus", "R S", on_the_day, NO_DATE),
    "claim.DateReceived": where("ClaimStatus", "R", on_the_day, NO_DATE),
    "claim.InsPayEst": share_of("ClaimFee", 80),
    "claim.InsPayAmt": where("ClaimStatus", "R", share_of("ClaimFee", 70), "0"),
    "claim.WriteOff": where("ClaimStatus", "R", share_of("ClaimFee", 15), "0"),
    # Received, not received, estimate, capitation and so on.
    "claimproc.Status": one_of("1 1 1 1 1 0 6 6 4 7"),
    "claimproc.FeeBilled": _billed,
    "claimproc.InsPayEst": share_of("FeeBilled", 80),
    "claimproc.InsEstTotal": same_as("InsPayEst"),
    "claimproc.BaseEst": same_as("InsPayEst"),
    "claimproc.InsPayAmt": where("Status", "1 4", share_of("FeeBilled", 70), "0"),
    "claimproc.WriteOff": where("Status", "1", share_of("FeeBilled", 15), "0"),
    "claimproc.DateCP": on_the_day,
    "claimproc.ProcDate": on_the_day,
    "claimproc.DateEntry": on_the_day,
}
