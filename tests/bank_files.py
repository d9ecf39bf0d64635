"""Bank files for tests."""

from __future__ import annotations

MT940 = """:20:STARTUMS
:25:DE89370400440532013000
:28C:00001/001
:60F:C260101EUR1000,00
:61:2601050105C1000,00NTRFNONREF//BANK1
:86:166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+INV-2026?22-001 danke
?32Lanhai GmbH
:61:2512310102RC100,00NRTINONREF//BANK2
/OCMT/
:86:159?00RETOURE?20SVWZ+INV-7
:61:2601050105D50,00NCHGNONREF
:86:fee of
the bank
:62F:C260105EUR1850,00
-
"""
ENTRY = """<Ntry><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt>
<ValDt><Dt>2026-01-05</Dt></ValDt><AcctSvcrRef>R1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>Lanhai GmbH</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>INV-2026-001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
_BATCH = """<Ntry><Amt Ccy="EUR">300.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-05</Dt></BookgDt>
<NtryDtls><TxDtls><Amt Ccy="EUR">100.00</Amt><RmtInf><Ustrd>A-100</Ustrd></RmtInf></TxDtls>
<TxDtls><Amt Ccy="EUR">200.00</Amt><RmtInf><Strd><CdtrRefInf><Ref>A-200</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
_PENDING = ENTRY.replace("BOOK", "PDNG")


def camt(*entries: str, closing: str = "1400.00") -> str:
    """A camt.053.001.08 file of one statement that opens with 100.00 EUR."""
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        for kind, amount in (("OPBD", "100.00"), ("CLBD", closing))
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>'
        "<Stmt><Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balances}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


CAMT = camt(ENTRY, _BATCH, _PENDING)
