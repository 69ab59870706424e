//! Packed exports, unpacked piece by piece.
//!
//! Pieces are bounded whatever the input claims, so that a small file that unpacks to terabytes costs time, not memory.

use std::io::{self, Write as _};

use bytes::{Buf as _, Bytes};
use flate2::write::MultiGzDecoder;
use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

/// Bytes of one piece of unpacked text, at most (gzip may go beyond it by 32 KiB).
const PIECE_BYTES: usize = 1 << 20;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one or more members.
    Gzip,
    /// zstd, one or more frames.
    Zstd,
}

impl Packing {
    /// By the first bytes of a file; its name does not matter.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let skippable = head.get(..4).is_some_and(|magic| magic[0] & 0xf0 == 0x50 && magic[1..] == [0x2a, 0x4d, 0x18]);
        if head.starts_with(b"\x1f\x8b") {
            Self::Gzip
        } else if head.starts_with(b"\x28\xb5\x2f\xfd") || skippable {
            Self::Zstd
        } else {
            Self::Plain
        }
    }
}

/// Why packed bytes cannot be unpacked. What was delivered before stands.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The bytes are not what they should be.
    #[error("the {packing} data is damaged behind {unpacked} unpacked bytes ({source}); fetch the file again")]
    Damaged {
        /// `gzip` or `zstd`.
        packing: &'static str,
        /// Bytes unpacked until there.
        unpacked: u64,
        /// As the library says it.
        source: io::Error,
    },
    /// The bytes end too early.
    #[error("the {packing} data is cut off behind {unpacked} unpacked bytes; fetch the file again")]
    Truncated {
        /// `gzip` or `zstd`.
        packing: &'static str,
        /// Bytes unpacked until there.
        unpacked: u64,
    },
}

enum Engine {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// The decoder, and whether a frame is open.
    Zstd(Box<Decoder<'static>>, bool),
}

/// Unpacks a stream: [`Unpacker::push`] bytes, then [`Unpacker::next_piece`] until there is none, and so on; at the end
/// [`Unpacker::finish`].
pub struct Unpacker {
    engine: Engine,
    input: Bytes,
    unpacked: u64,
}

impl Unpacker {
    /// For a stream that is packed so.
    ///
    /// # Errors
    /// The zstd library has no memory for a decoder.
    pub fn new(packing: Packing) -> Result<Self, UnpackError> {
        let engine = match packing {
            Packing::Plain => Engine::Plain,
            Packing::Gzip => Engine::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Packing::Zstd => {
                let damaged = |source| UnpackError::Damaged { packing: "zstd", unpacked: 0, source };
                Engine::Zstd(Box::new(Decoder::new().map_err(damaged)?), false)
            }
        };
        Ok(Self { engine, input: Bytes::new(), unpacked: 0 })
    }

    /// Takes the next bytes of the file. Those pushed before must have been used up by [`Unpacker::next_piece`]; bytes
    /// that were not are kept in front of these.
    pub fn push(&mut self, input: Bytes) {
        self.input = if self.input.is_empty() { input } else { [&self.input[..], &input[..]].concat().into() };
    }

    /// The next unpacked bytes, about 1 MiB at most; none when more must be pushed first. (Plain bytes come as pushed.)
    ///
    /// # Errors
    /// Bytes that are not what the packing demands.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>, UnpackError> {
        let unpacked = self.unpacked;
        let (packing, piece) = match &mut self.engine {
            Engine::Plain => ("plain", Ok(std::mem::take(&mut self.input))),
            Engine::Gzip(decoder) => ("gzip", gunzip(decoder, &mut self.input)),
            Engine::Zstd(decoder, open) => ("zstd", unzstd(decoder, open, &mut self.input)),
        };
        let piece = piece.map_err(|source| UnpackError::Damaged { packing, unpacked, source })?;
        self.unpacked += super::count(piece.len());
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// Says that the file ends here; call it when [`Unpacker::next_piece`] has nothing more. The last bytes may come now.
    ///
    /// # Errors
    /// The file should go on; every byte until there was delivered by [`Unpacker::next_piece`].
    pub fn finish(self) -> Result<(), UnpackError> {
        let truncated = |packing| UnpackError::Truncated { packing, unpacked: self.unpacked };
        match self.engine {
            Engine::Plain => Ok(()),
            Engine::Gzip(mut decoder) => decoder.try_finish().map_err(|_| truncated("gzip")),
            Engine::Zstd(_, true) => Err(truncated("zstd")),
            Engine::Zstd(_, false) => Ok(()),
        }
    }
}

/// Each call of `write` fills at most one small buffer of the decoder, so the vector cannot run away.
fn gunzip(decoder: &mut MultiGzDecoder<Vec<u8>>, input: &mut Bytes) -> io::Result<Bytes> {
    let mut fault = None;
    while !input.is_empty() && decoder.get_ref().len() < PIECE_BYTES {
        match decoder.write(input) {
            Ok(used) => input.advance(used),
            Err(error) => {
                fault = Some(error);
                break;
            }
        }
    }
    // What the decoder holds back until it has more input is due now.
    if fault.is_none() && input.is_empty() {
        fault = decoder.flush().err();
    }
    let piece = std::mem::take(decoder.get_mut());
    match fault {
        // What was unpacked before the damage is delivered first; the next call meets it again.
        Some(error) if piece.is_empty() => Err(error),
        _ => Ok(piece.into()),
    }
}

fn unzstd(decoder: &mut Decoder<'static>, open: &mut bool, input: &mut Bytes) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(if input.is_empty() { 128 << 10 } else { PIECE_BYTES });
    loop {
        let before = piece.len();
        let (used, hint) = {
            let mut from = InBuffer::around(&input[..]);
            let mut to = OutBuffer::around_pos(&mut piece, before);
            match decoder.run(&mut from, &mut to) {
                Ok(hint) => (from.pos(), hint),
                Err(error) if before == 0 => return Err(error),
                Err(_) => return Ok(piece.into()),
            }
        };
        input.advance(used);
        if used > 0 || piece.len() > before {
            *open = hint != 0;
        } else {
            return Ok(piece.into());
        }
        if piece.len() == piece.capacity() {
            return Ok(piece.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(text, 1).unwrap()
    }

    /// All pieces, the longest of them, and how it ended.
    fn unpack(packing: Packing, packed: &[u8], chunk: usize) -> (Vec<u8>, usize, Result<(), UnpackError>) {
        let mut unpacker = Unpacker::new(packing).unwrap();
        let (mut text, mut longest) = (Vec::new(), 0);
        for chunk in packed.chunks(chunk) {
            unpacker.push(Bytes::copy_from_slice(chunk));
            loop {
                match unpacker.next_piece() {
                    Ok(Some(piece)) => {
                        longest = longest.max(piece.len());
                        text.extend_from_slice(&piece);
                    }
                    Ok(None) => break,
                    Err(error) => return (text, longest, Err(error)),
                }
            }
        }
        (text, longest, unpacker.finish())
    }

    #[test]
    fn members_and_frames_in_any_chunks_are_one_text() {
        let (one, two) = ("first line\n".repeat(9000), "second line\n".repeat(7000));
        for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd, <[u8]>::to_vec] {
            let packed = [pack(one.as_bytes()), pack(b""), pack(two.as_bytes())].concat();
            for chunk in [1, 7, 4096, packed.len()] {
                let (text, _, end) = unpack(Packing::of(&packed), &packed, chunk);
                end.unwrap();
                assert_eq!(text, [one.as_bytes(), two.as_bytes()].concat(), "chunks of {chunk}");
            }
        }
    }

    #[test]
    fn a_truncated_file_gives_what_it_has_and_then_an_error() {
        let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        for packed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
            for missing in [1, 5, packed.len() / 2, packed.len() - 3] {
                let (got, _, end) = unpack(Packing::of(&packed), &packed[..packed.len() - missing], 1000);
                assert!(matches!(end, Err(UnpackError::Truncated { .. })), "{missing}: {end:?}");
                assert!(text.as_bytes().starts_with(&got));
                assert!(missing > 8 || got.len() > text.len() / 2, "{missing}: only {}", got.len());
            }
        }
    }

    #[test]
    fn damage_is_met_behind_what_is_sound() {
        let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        for packed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
            let two = [&packed[..], b"no member and no frame"].concat();
            let (got, _, end) = unpack(Packing::of(&two), &two, 1000);
            assert_eq!(got, text.as_bytes());
            assert!(matches!(end, Err(UnpackError::Damaged { .. })), "{end:?}");
        }
    }

    #[test]
    fn a_bomb_comes_in_bounded_pieces() {
        let zeros = vec![0; 12 << 20];
        for packed in [gzip(&zeros), zstd(&zeros)] {
            let (text, longest, end) = unpack(Packing::of(&packed), &packed, packed.len());
            end.unwrap();
            assert_eq!(text.len(), zeros.len());
            assert!(longest <= PIECE_BYTES + (64 << 10), "{longest}");
        }
    }
}
