"""The Rasa bot of Wegwijs. Python 3.10, loopback only; shares no code with `backend/`."""
