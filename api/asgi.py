"""The ASGI application, configured by the environment: `uvicorn api.asgi:app`."""

from api.app import create_app
from domain.kernel.logs import configure_logs
from domain.kernel.settings import Settings

settings = Settings.from_environment()
configure_logs(settings.log_level)
app = create_app(settings)
