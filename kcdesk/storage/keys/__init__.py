"""Where the key of a workspace lives, and what follows from it.

The key itself is 32 random bytes. It lies in the system's keyring, or in the file `key.json` beside the workspace,
wrapped by a passphrase; a recovery code opens that file too. Leaves to others: opening the database with it
(`sqlite`), changing it there (`rekey`).

    place            what a place for keys is
    system_keyring   the operating system's keyring
    wrapped          the file key.json; passphrase and recovery are its two ways in
    recovery_code    the code as people write it
    change           a change of the key that may be cut off anywhere
    derive           the keys of attachments and backups
"""

from kcdesk.storage.keys.derive import derived_key
from kcdesk.storage.keys.passphrase import PassphraseKeys, read_passphrase
from kcdesk.storage.keys.place import KeyMode, Keys, KeySource
from kcdesk.storage.keys.recovery import RecoveryKeys, read_recovery_code
from kcdesk.storage.keys.recovery_code import make_code, read_code
from kcdesk.storage.keys.size import KEY_BYTES
from kcdesk.storage.keys.system_keyring import FORGOT, KeyringKeys
from kcdesk.storage.keys.wrapped import WRAPPED_KEY_FILE

__all__ = [
    "FORGOT",
    "KEY_BYTES",
    "WRAPPED_KEY_FILE",
    "KeyMode",
    "KeySource",
    "KeyringKeys",
    "Keys",
    "PassphraseKeys",
    "RecoveryKeys",
    "derived_key",
    "make_code",
    "read_code",
    "read_passphrase",
    "read_recovery_code",
]
