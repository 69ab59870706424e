//! A page's header: what it holds, in which encoding, and how many bytes follow.

use parquet::basic::Encoding;

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::thrift::{Kind, Thrift};

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    Dictionary,
    /// Levels and values compressed as one.
    DataV1,
    /// Levels stand uncompressed before the values.
    DataV2 {
        nulls: u32,
        levels: usize,
        is_compressed: bool,
    },
    /// A page of a kind that was specified and never written.
    Index,
}

/// A page's header, with every number checked for its sign and nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageHeader {
    pub(super) kind: PageKind,
    pub(super) encoding: Encoding,
    /// Entries of a dictionary, or values of a data page with its nulls.
    pub(super) values: u32,
    pub(super) compressed: usize,
    pub(super) uncompressed: usize,
}

/// The fields that matter, as they are met.
#[derive(Default)]
struct Fields {
    kind: Option<i32>,
    uncompressed: Option<i32>,
    compressed: Option<i32>,
    data: Option<Part>,
    index: bool,
    dictionary: Option<Part>,
    data_v2: Option<Part>,
}

/// The part of a header that its kind of page has. The numbers stand where the format puts them.
#[derive(Clone, Copy, Default)]
struct Part {
    numbers: [Option<i32>; 7],
    is_compressed: Option<bool>,
}

impl PageHeader {
    /// Reads a header from the front of `bytes`; also says how long it is.
    pub(super) fn read(bytes: &[u8]) -> Checked<(Self, usize)> {
        let mut thrift = Thrift { rest: bytes };
        let mut fields = Fields::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, _) => fields.kind = Some(thrift.i32(kind)?),
                (2, _) => fields.uncompressed = Some(thrift.i32(kind)?),
                (3, _) => fields.compressed = Some(thrift.i32(kind)?),
                (4, _) => _ = thrift.i32(kind)?,
                (5, Kind::Struct) => fields.data = Some(Part::read(&mut thrift, 4)?),
                (6, Kind::Struct) => {
                    fields.index = true;
                    thrift.skip(kind)?;
                }
                (7, Kind::Struct) => fields.dictionary = Some(Part::read(&mut thrift, 2)?),
                (8, Kind::Struct) => fields.data_v2 = Some(Part::read(&mut thrift, 6)?),
                (5..=8, _) => return Err(Beyond::Damaged("a part of a page header is none")),
                _ => thrift.skip(kind)?,
            }
        }
        Ok((fields.header()?, bytes.len() - thrift.rest.len()))
    }
}

impl Fields {
    fn header(&self) -> Checked<PageHeader> {
        let (kind, encoding, values) = match (self.kind, self.data, self.dictionary, self.data_v2, self.index) {
            (Some(0), Some(part), None, None, false) => {
                // Repetition levels have an encoding even where there are none.
                encoding_of(part.number(4)?)?;
                let levels = encoding_of(part.number(3)?)?;
                if levels != Encoding::RLE {
                    return Err(Beyond::Encoding(levels));
                }
                (PageKind::DataV1, part.number(2)?, part.number(1)?)
            }
            (Some(1), None, None, None, _) => (PageKind::Index, 0, 0),
            (Some(2), None, Some(part), None, false) => (PageKind::Dictionary, part.number(2)?, part.number(1)?),
            (Some(3), None, None, Some(part), false) => {
                let kind = Self::version_2(&part)?;
                (kind, part.number(4)?, part.number(1)?)
            }
            _ => return Err(Beyond::Damaged("a page header is not of one kind")),
        };
        Ok(PageHeader {
            kind,
            encoding: encoding_of(encoding)?,
            values: u32::try_from(values).or_damaged("a negative count of values")?,
            compressed: size_of(self.compressed)?,
            uncompressed: size_of(self.uncompressed)?,
        })
    }

    fn version_2(part: &Part) -> Checked<PageKind> {
        let (values, nulls, rows) = (part.number(1)?, part.number(2)?, part.number(3)?);
        let (levels, repetitions) = (part.number(5)?, part.number(6)?);
        if rows != values {
            return Err(Beyond::Damaged("a flat page has not as many rows as values"));
        }
        if repetitions != 0 || !(0..=values).contains(&nulls) {
            return Err(Beyond::Damaged("counts of a page contradict each other"));
        }
        Ok(PageKind::DataV2 {
            nulls: u32::try_from(nulls).or_damaged("a negative count of nulls")?,
            levels: usize::try_from(levels).or_damaged("a negative length of levels")?,
            is_compressed: part.is_compressed.unwrap_or(true),
        })
    }
}

impl Part {
    /// Reads the numbers with field numbers up to `numbers`; of the others only the flag of field 7 is kept.
    fn read(thrift: &mut Thrift<'_>, numbers: i16) -> Checked<Self> {
        let mut part = Self::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            let slot = usize::try_from(id).ok().filter(|_| id <= numbers).and_then(|at| part.numbers.get_mut(at));
            match (slot, id, kind) {
                (Some(slot), ..) => *slot = Some(thrift.i32(kind)?),
                (None, 7, Kind::True | Kind::False) => part.is_compressed = Some(kind == Kind::True),
                _ => thrift.skip(kind)?,
            }
        }
        Ok(part)
    }

    fn number(&self, field: usize) -> Checked<i32> {
        self.numbers.get(field).copied().flatten().or_damaged("a page header lacks a field")
    }
}

fn size_of(size: Option<i32>) -> Checked<usize> {
    usize::try_from(size.or_damaged("a page header lacks a size")?).or_damaged("a negative page size")
}

/// The encodings that a page of texts may name.
fn encoding_of(number: i32) -> Checked<Encoding> {
    Ok(match number {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        #[expect(deprecated, reason = "the encoding of levels in the oldest files must be named to be refused")]
        4 => Encoding::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(Beyond::Damaged("an unknown encoding")),
    })
}
