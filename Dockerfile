# One image for the web, the worker and the timetable; what they are told apart by is the command.
# Built from wheels alone, so no compiler is ever needed.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv --without-pip /venv
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip --python /venv install --quiet --only-binary :all: --require-hashes \
    -r requirements.txt
COPY . .
RUN /venv/bin/python manage.py collectstatic --no-input --verbosity 0
RUN /venv/bin/python -m compileall -q portal compliance

FROM python:${PYTHON}
# Nothing that installs or builds is left in the image.
RUN python -m pip uninstall --quiet --yes --root-user-action ignore wheel setuptools pip
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BIND=0.0.0.0:8000
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/livez', timeout=5)"]
CMD ["gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi"]
