create or replace function ops.fill_total_tokens() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.total_tokens := coalesce(new.input_tokens, 0) + coalesce(new.output_tokens, 0);
  return new;
end
$$;
create or replace trigger fill_total_tokens before insert on ops.ai_action_ledger
  for each row when (new.total_tokens is null and (new.input_tokens is not null or new.output_tokens is not null))
  execute function ops.fill_total_tokens();
comment on function ops.fill_total_tokens() is 'Adds input and output up where an insert gives no total.';
revoke all on function ops.fill_total_tokens() from public, anon, authenticated;
