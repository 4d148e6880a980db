mod ops_advisory_scan;
mod ops_metrics_ingest;
mod ops_trigger_build;
