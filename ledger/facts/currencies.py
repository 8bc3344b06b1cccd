"""ISO 4217: the currencies of the world and how many decimals their minor unit has.

Two is the rule, so only the others are listed with a figure. Codes without a minor unit (gold,
special drawing rights, testing) are left out: no amount is exact in them. Codes withdrawn since
2010 stay in, because facts may be old.
"""

from ledger.errors import UnreadableError

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
LRD LSL LTL LVL MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK
NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP
STD STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VEF VES WST XCD XCG
YER ZAR ZMW ZWG ZWL
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

DECIMALS: dict[str, int] = {
    code: decimals
    for codes, decimals in ((_NONE, 0), (_TWO, 2), (_THREE, 3), (_FOUR, 4))
    for code in codes.split()
}


def decimals_of(currency: str) -> int:
    """Of a currency that is recorded, perhaps by a version that knows more of them."""
    try:
        return DECIMALS[currency]
    except KeyError:
        raise UnreadableError(
            f"the currency {currency!r} of a recorded fact is not known to this version: upgrade "
            "it, or restore the store from a backup where there is no such currency"
        ) from None
