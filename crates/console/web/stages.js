// The rules of stages that need no server to be told.

/** What is never done, said before it is tried; undefined when the server may be asked. */
export function refusal(name, from, to) {
  if (to === "production") return `Nothing is moved onto production: merge ${name} into the production branch, and the merge is a build.`;
  if (from === "production") return `${name} is production. Another branch must take its place first.`;
  return undefined;
}
