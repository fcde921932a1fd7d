"""What can be imported about enterprises: the register, returns, certificates, addresses and who is where."""

from .contacts import CONTACTS
from .figures import QUALIFICATIONS, RETURNS
from .occupancies import OCCUPANCIES
from .register import ADDRESSES, ENTERPRISES

TAKERS = (ENTERPRISES, RETURNS, QUALIFICATIONS, ADDRESSES, CONTACTS, OCCUPANCIES)

__all__ = ["TAKERS"]
