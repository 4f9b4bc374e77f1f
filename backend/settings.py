"""Every setting, typed, with one sentence each. Read from the environment with the prefix WEGWIJS_."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things are and how long they last. `docs/operations.md` explains each for administrators."""

    model_config = SettingsConfigDict(env_prefix="WEGWIJS_", extra="ignore")

    data_dir: Path = Field(PROJECT / "var", description="Folder of the database, the keys and the logs.")
    reference_dir: Path = Field(PROJECT / "data", description="Folder of places, areas and services.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    bell_url: str = Field("", description="'memory:' or 'postgresql:'; empty follows the database.")
    master_key_file: Path | None = Field(None, description="File with the master key; empty means keys/master.key.")
    host: str = Field("127.0.0.1", description="Address on which the backend listens.")
    port: int = Field(8000, description="Port on which the backend listens.")
    public_url: str = Field(
        "", description="Address people type, e.g. https://chat.example; empty means host and port."
    )
    neutral_site: str = Field("https://www.google.be/search?q=weer", description="Where 'leave quickly' goes.")
    line_number: str = Field("1712", description="The helpline's own phone number, always in sight.")
    line_hours: str = Field("mo-fr 09:00-18:00", description="When the helpline answers its phone.")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Loopback address of the Rasa server.")
    rasa_port: int = Field(5005, description="Port on which `helpline run` starts Rasa.")
    actions_port: int = Field(5055, description="Port on which `helpline run` starts the action server.")
    turn_key: str = Field("", description="Shared secret of backend and Rasa; `helpline run` makes one.")
    bot_timeout: float = Field(6.0, description="Seconds before a silent bot counts as failed and a person is called.")
    session_idle_minutes: int = Field(15, description="Minutes without activity before staff sign in again (SEC-9).")
    session_hours: int = Field(10, description="Hours before staff sign in again in any case (SEC-9).")
    starts_burst: int = Field(60, description="Chats that one source may start at once (HLP-8).")
    starts_per_minute: float = Field(20.0, description="Chats that one source may start per minute after that.")
    message_burst: int = Field(20, description="Messages of one citizen that are taken at once; then slowed (WS-3).")
    messages_per_second: float = Field(2.0, description="Messages per second of one citizen after that.")
    words_hours: int = Field(24, description="Hours after the end before the words are destroyed (PRIV-3).")
    silence_hours: int = Field(12, description="Hours of silence after which an unclosed contact counts as lost.")
    log_level: str = Field("INFO", description="Level of our own log; no level ever holds words or addresses.")

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy writes it, with the one driver we test."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'wegwijs.sqlite'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def master_key_path(self) -> Path:
        return self.master_key_file or self.data_dir / "keys" / "master.key"

    @property
    def address(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")


@lru_cache
def settings() -> Settings:
    return Settings()  # type: ignore[call-arg]
