create or replace function registry.set_webhook_secret(p_org_id uuid, p_provider text, p_sealed bytea) returns void
  language plpgsql security definer
  set search_path = ''
as $$
begin
  perform registry.require_role(p_org_id, 'admin', 'organisation');
  if p_provider is null or p_provider not in ('github', 'gitlab', 'gitea') then
    raise sqlstate 'PT400' using message = 'a webhook''s provider is one of github, gitlab, gitea';
  end if;
  insert into registry.webhook_secrets as w (org_id, provider, sealed) values (p_org_id, p_provider, p_sealed)
  on conflict (org_id, provider) do update
    set previous_sealed = w.sealed, sealed = excluded.sealed, rotated_at = now();
  perform ops.audit(p_org_id, 'webhook_secret.rotated', 'webhook:' || p_provider);
end
$$;
comment on function registry.set_webhook_secret(uuid, text, bytea) is
  'Stores a new sealed webhook secret; the one before stays valid until the next change.';
revoke all on function registry.set_webhook_secret(uuid, text, bytea) from public, anon;
grant execute on function registry.set_webhook_secret(uuid, text, bytea) to authenticated, service_role;
