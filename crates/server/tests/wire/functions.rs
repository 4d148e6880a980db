mod ops_trigger_build;
