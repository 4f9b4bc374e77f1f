"""The whole database on one page. Every column has a purpose; `docs/privacy.md` says how long it lives.

What people said lives in `words`, sealed with a key per conversation that lives, wrapped, in `keys`. Deleting that
row makes the words unreadable while `events` and `conversations` stay true.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from backend.kit.times import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(32)

# The log: the truth of a conversation. `seq` is contiguous from 1. `data` holds codes, never words.
events = Table(
    "events",
    metadata,
    Column("conversation", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("type", String(24), nullable=False),
    Column("client_id", String(32)),  # made by the client, so that a repeat is harmless (REL-2)
    Column("data", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation", "client_id"),
    Index("ix_events_type_at", "type", "at"),
)

# The row that lists and filters; written in the same transaction as the events, rebuilt by `helpline rebuild`.
conversations = Table(
    "conversations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("number", String(8), nullable=False),  # short code that people read aloud
    Column("channel", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("status", String(8), nullable=False),  # bot, waiting, operator, ended
    Column("level", String(8), nullable=False),
    Column("themes", JSON, nullable=False),
    Column("role", String(16), nullable=False),
    Column("minor", Boolean, nullable=False),
    Column("place", String(8)),  # NIS or CBS code; never a street or a postal code
    Column("operator", Integer),
    Column("started_at", UtcDateTime, nullable=False),
    Column("called_at", UtcDateTime),  # first time a person was called
    Column("claimed_at", UtcDateTime),  # first time a person took it
    Column("ended_at", UtcDateTime),
    Column("outcome", String(24)),
    Column("abandoned", Boolean, nullable=False),  # left after a person was called and before one came
    Index("ix_conversations_status", "status"),
    Index("ix_conversations_started_at", "started_at"),
)

# What people said: AES-256-GCM, bound to conversation and seq.
words = Table(
    "words",
    metadata,
    Column("conversation", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# The key of each conversation, wrapped by the master key, which is not in this database.
keys = Table(
    "keys",
    metadata,
    Column("conversation", ID, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", String(16), nullable=False),  # which master key wrapped it
)

# The citizen's credential, as a hash. Gone with the words.
tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("conversation", ID, nullable=False, index=True),
)

referrals = Table(
    "referrals",
    metadata,
    Column("conversation", ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("service", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_referrals_at", "at"),
)

operators = Table(
    "operators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False),  # first name, which a citizen may read
    Column("username", String(60), nullable=False, unique=True),
    Column("password", String(200), nullable=False),  # argon2id
    Column("totp", LargeBinary, nullable=False),  # sealed with the master key
    Column("totp_step", BigInteger, nullable=False),  # last time step used: a code works once (SEC-7)
    Column("role", String(12), nullable=False),  # operator, supervisor, admin
    Column("active", Boolean, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("seen_on", String(10)),  # day of the last sign-in
)

invites = Table(
    "invites",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("role", String(12), nullable=False),
    Column("operator", Integer),  # set when it renews the second factor of an existing person
    Column("expires_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("operator", Integer, ForeignKey("operators.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# Who looked at what, and what changed outside the logs. Codes only.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("operator", Integer),
    Column("action", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
)

# The directory, as in data/*.csv: one row per row there. `data` keeps every column by its name, `source` included.
reference = Table(
    "reference",
    metadata,
    Column("file", String(32), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("data", JSON, nullable=False),
)
reference_versions = Table(
    "reference_versions",
    metadata,
    Column("file", String(32), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("seeded_at", UtcDateTime, nullable=False),
)
