"""Which engine reads the files: DuckDB in this process, or Spark where one machine is not enough (through Ibis)."""

from __future__ import annotations

import threading
from typing import Any

import duckdb
import ibis
from django.conf import settings

_local = threading.local()


def connect_duckdb() -> duckdb.DuckDBPyConnection:
    """Return this thread's connection to an engine in memory; nothing is kept in it."""
    connection = getattr(_local, "duckdb", None)
    if connection is None:
        connection = duckdb.connect()
        # Files never change, so what was read of their footers holds.
        connection.execute("SET enable_external_file_cache = true; SET parquet_metadata_cache = true")
        connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        _local.duckdb = connection
    return connection


def connect_engine() -> Any:
    """Return the Ibis backend that the setting names: DuckDB here, or Spark at its master.

    :raises ValueError: the setting names another engine.
    """
    if settings.LAKE_ENGINE == "duckdb":
        backend = getattr(_local, "ibis", None)
        if backend is None:
            backend = _local.ibis = ibis.duckdb.from_connection(connect_duckdb())
        return backend
    if settings.LAKE_ENGINE == "spark":
        return ibis.pyspark.connect(_spark_session())
    raise ValueError(f"PARKBRAIN_ENGINE is duckdb or spark, not {settings.LAKE_ENGINE}")


def _spark_session() -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("parkbrain").master(settings.SPARK_MASTER)
    for key, value in {
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": settings.SPARK_HOST,
        "spark.driver.host": settings.SPARK_HOST,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
