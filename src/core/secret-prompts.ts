// Prompts for a secret, as programs print them at the end of a row: regular expressions of RE2, tried against the text before the cursor when
// the person begins a line. They stand in each session's `secret_prompts`, before those of the policy.
//
// Where echo is off in line mode, a prompt is not needed; it is what tells behind a further ssh, and where a program reads in raw mode.

/** English, German and Chinese: sudo, su, ssh, passwd, mysql, psql, gpg, openssl, git, cryptsetup, systemd-ask-password. */
export const knownSecretPrompts: readonly string[] = [
  String.raw`(?i)\b(?:password|passphrase|pass phrase|passcode|pin|one-time code|otp|verification code)\b.{0,100}[:：] ?\**$`,
  String.raw`(?i)(?:passwort|kennwort|passphrase|passsatz|\bpin\b|geheimzahl|mantra).{0,100}[:：] ?\**$`,
  String.raw`(?:密码|密碼|口令|通行码|验证码|驗證碼).{0,100}[:：] ?\**$`,
];
