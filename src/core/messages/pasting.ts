// What the prompt for a pasted address shows in place of the address.

export function pastedSoFar(characters: number): string {
  return `${characters} characters`;
}
