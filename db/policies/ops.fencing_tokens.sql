-- Tokens are drawn by functions that run as the owner; drawing others would only leave gaps, but there is no reason to.
revoke all on sequence ops.fencing_tokens from public, anon, authenticated, service_role;
