// A link as a QR code, for a phone beside the terminal.
import { renderANSI, renderUnicodeCompact } from 'uqr';

/** The lines of the code: half blocks where the terminal shows them, coloured spaces elsewhere. */
export function qrCode(link: string, utf8: boolean): readonly string[] {
  return (utf8 ? renderUnicodeCompact(link, { border: 1 }) : renderANSI(link, { border: 1 })).split('\n');
}
