#!/usr/bin/env python3
"""Guidelines over partitioned Parquet on Apache Spark: how many patients each rule concerns.

    gl compile --to spark --report counts guidelines > counts.sql
    python3 examples/spark/guidelines.py counts.sql PATIENTS

PATIENTS is a folder of Parquet, perhaps in partitions, whose columns are those that the head of `counts.sql` names. Without a setting
Spark runs here, on all cores; on a cluster the same file goes through `spark-submit --master yarn` (or `spark://HOST:7077`, or
`k8s://…`), and PATIENTS is a path that all workers see (`hdfs://…`, `s3a://…`). The query is all that is sent; patients stay where
they are.
"""

import pathlib
import sys

from pyspark.sql import SparkSession


def main():
    query, patients = sys.argv[1:]
    session = SparkSession.builder.appName("gl").getOrCreate()
    session.read.parquet(patients).createOrReplaceTempView("patients")
    [row] = session.sql(pathlib.Path(query).read_text().strip().rstrip(";")).collect()
    for name, number in row.asDict().items():
        print(f"{number:>12}  {name}")


if __name__ == "__main__":
    main()
