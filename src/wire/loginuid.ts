// What /proc/self/loginuid says: the uid that logged in, which PAM sets once and no caller can change (pam_loginuid(8)).

/** What it says where no PAM set one: (uid_t) -1. */
const unset = 0xffff_ffff;

/** @returns nothing where it names nobody. */
export function readLoginuid(text: string): { readonly loginuid?: number } {
  const loginuid = Number(text);
  return Number.isSafeInteger(loginuid) && loginuid !== unset ? { loginuid } : {};
}
