// Shows a link as a QR code, to be opened with a phone.
import { renderANSI, renderUnicodeCompact } from 'uqr';

/** The lines of the code: half blocks where the terminal shows UTF-8, coloured spaces elsewhere. */
export function qrCode(link: string, utf8: boolean): readonly string[] {
  return (utf8 ? renderUnicodeCompact(link, { border: 1 }) : renderANSI(link, { border: 1 })).split('\n');
}
