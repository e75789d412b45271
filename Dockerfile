# An image of the coach. No container has run it yet: `python -m tests.container` does its steps, one by one,
# in a folder instead, and tries what comes out as a user without rights.
#
#     docker build -t massage-coach .
#     docker run --env-file .env --volume massages:/coach/data massage-coach

FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /coach/venv
COPY requirements.txt ./
RUN /coach/venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot bot
COPY routines routines
RUN /coach/venv/bin/python -m pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
COPY --from=build /coach/venv /coach/venv
ENV PATH=/coach/venv/bin:$PATH
WORKDIR /coach
RUN install -d -o 10001 -g 10001 data
USER 10001:10001
# Massages under way must last; pictures and voice notes can be made again.
VOLUME /coach/data
# For /healthz and /metrics. Publish it only if you need to; with PORT= it is not opened, and health not checked.
ENV PORT=8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/coach/venv/bin/python", "-c", \
    "import os, urllib.request as web; port = os.environ['PORT']; \
    port and web.urlopen('http://127.0.0.1:' + port + '/healthz', timeout=4)"]
# It handles SIGTERM itself, also as process 1.
CMD ["/coach/venv/bin/massage-coach"]
