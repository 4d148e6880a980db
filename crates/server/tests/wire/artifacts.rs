mod download;
