//! A page's bytes, decompressed into one buffer that serves page after page.
//!
//! Snappy, in which most archives are written, and zstd, in which coldtrail writes, are read directly; for the other codecs
//! parquet's own page reader is given the one page.

use std::mem;
use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut, buf::Reader};
use parquet::basic::Compression;
use parquet::column::page::{Page, PageReader as _};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use zstd::stream::raw::{DParameter, Operation as _};

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::chunk::{Chunk, Shape};
use super::header::PageKind;
use super::walk::PageAt;

/// What is kept between chunks; a larger buffer is given back.
pub(super) const BUFFER_BYTES_KEPT: usize = 8 << 20;

/// The most memory that a page may ask for beside itself where only its front is read, as a power of two.
const FRONT_WINDOW_LOG: u32 = 23;

/// Buffers that outlive a chunk.
#[derive(Default)]
pub(super) struct Inflater {
    zstd: Option<zstd::bulk::Decompressor<'static>>,
    /// Can stop.
    zstd_front: Option<zstd::stream::raw::Decoder<'static>>,
    /// Grows to the largest page so far, and is never cleared: a page is written over the one before.
    buffer: Vec<u8>,
    page: Bytes,
}

/// A page, ready to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body<'a> {
    /// The definition levels of a v2 page; a v1 page has them in front of its values.
    pub(super) levels: &'a [u8],
    pub(super) values: &'a [u8],
}

impl Body<'_> {
    /// Whether it is all of its page.
    pub(super) const fn is_whole(&self, page: &PageAt) -> bool {
        self.levels.len() + self.values.len() == page.header.uncompressed
    }
}

impl Inflater {
    /// Decompresses one page of a chunk.
    pub(super) fn body<'a>(&'a mut self, chunk: &'a Chunk<'_>, shape: Shape, page: &PageAt) -> Checked<Body<'a>> {
        let packed = chunk.bytes.get(page.range()).or_damaged("a page reaches beyond its chunk")?;
        let (levels, is_compressed) = match page.header.kind {
            PageKind::DataV2 { levels, is_compressed, .. } => (levels, is_compressed),
            _ => (0, true),
        };
        let size = page.header.uncompressed;
        let values = size.checked_sub(levels).or_damaged("levels are longer than their page")?;
        let (front, packed) = packed.split_at_checked(levels).or_damaged("levels are longer than their page")?;
        match shape.codec {
            _ if !is_compressed => Self::plain(front, packed, values),
            Compression::UNCOMPRESSED => Self::plain(front, packed, values),
            // A page of nulls alone has no values, and not even a frame.
            _ if values == 0 => Ok(Body { levels: front, values: &[] }),
            Compression::SNAPPY => self.snappy(front, packed, values),
            Compression::ZSTD(_) => self.zstd(front, packed, values),
            _ => self.other(chunk, shape, page, levels),
        }
    }

    /// Decompresses a page of a chunk, or no more of its front than so many bytes, levels with it, where its codec can stop there.
    pub(super) fn front<'a>(
        &'a mut self,
        chunk: &'a mut Chunk<'_>,
        shape: Shape,
        page: &PageAt,
        bytes: usize,
    ) -> Checked<Body<'a>> {
        let (levels, is_compressed) = match page.header.kind {
            PageKind::DataV2 { levels, is_compressed, .. } => (levels, is_compressed),
            _ => (0, true),
        };
        let size = page.header.uncompressed.checked_sub(levels).or_damaged("levels are longer than their page")?;
        let wanted = bytes.saturating_sub(levels);
        if !is_compressed || wanted == 0 || wanted >= size {
            return self.body(chunk, shape, page);
        }
        let (front, packed) = (page.body..page.body + levels, page.body + levels..page.range().end);
        if packed.end > chunk.bytes.len() || packed.is_empty() {
            return Err(Beyond::Damaged("a page reaches beyond its chunk"));
        }
        let values = match shape.codec {
            Compression::SNAPPY => {
                let mut written = BytesMut::from(mem::take(&mut chunk.bytes));
                let values = self.snappy_front(written.get_mut(packed).unwrap_or_default(), size, wanted);
                chunk.bytes = written.freeze();
                values?
            }
            Compression::ZSTD(_) => self.zstd_front(chunk.bytes.get(packed).unwrap_or_default(), wanted)?,
            _ => return self.body(chunk, shape, page),
        };
        Ok(Body { levels: chunk.bytes.get(front).unwrap_or_default(), values })
    }

    /// The decoder is told a shorter length than the page has: that does not fit, and the error says how far it went.
    fn snappy_front(&mut self, packed: &mut [u8], size: usize, wanted: usize) -> Checked<&[u8]> {
        if snap::raw::decompress_len(packed).or_damaged("snappy cannot read a page")? != size {
            return Err(Beyond::Damaged("a page has another size than its header says"));
        }
        let values = room(&mut self.buffer, wanted)?;
        put_length(packed, wanted);
        let read = snap::raw::Decoder::new().decompress(packed, values);
        put_length(packed, size);
        let left = match read {
            Err(snap::Error::Literal { dst_len, .. } | snap::Error::CopyWrite { dst_len, .. }) => dst_len,
            _ => return Err(Beyond::Damaged("snappy cannot read a page")),
        };
        let written = usize::try_from(left).ok().and_then(|left| wanted.checked_sub(left));
        written.and_then(|written| values.get(..written)).or_damaged("snappy cannot read a page")
    }

    fn zstd_front(&mut self, packed: &[u8], wanted: usize) -> Checked<&[u8]> {
        let zstd = match &mut self.zstd_front {
            Some(zstd) => zstd,
            none => {
                let mut zstd = zstd::stream::raw::Decoder::new().or_damaged("zstd did not start")?;
                zstd.set_parameter(DParameter::WindowLogMax(FRONT_WINDOW_LOG)).or_damaged("zstd did not start")?;
                none.insert(zstd)
            }
        };
        zstd.reinit().or_damaged("zstd did not start")?;
        let values = room(&mut self.buffer, wanted)?;
        let (mut read, mut written) = (0, 0);
        while let (Some(packed @ [_, ..]), Some(values @ [_, ..])) = (packed.get(read..), values.get_mut(written..)) {
            let step = zstd.run_on_buffers(packed, values).or_damaged("zstd cannot read a page")?;
            if step.remaining == 0 || step.bytes_read + step.bytes_written == 0 {
                return Err(Beyond::Damaged("a page has another size than its header says"));
            }
            (read, written) = (read + step.bytes_read, written + step.bytes_written);
        }
        values.get(..written).or_damaged("zstd cannot read a page")
    }

    const fn plain<'a>(levels: &'a [u8], values: &'a [u8], size: usize) -> Checked<Body<'a>> {
        if values.len() == size {
            Ok(Body { levels, values })
        } else {
            Err(Beyond::Damaged("an uncompressed page has two sizes"))
        }
    }

    fn snappy<'a>(&'a mut self, levels: &'a [u8], packed: &[u8], size: usize) -> Checked<Body<'a>> {
        let values = room(&mut self.buffer, size)?;
        let written = snap::raw::Decoder::new().decompress(packed, values);
        whole(levels, values, written.or_damaged("snappy cannot read a page")?)
    }

    fn zstd<'a>(&'a mut self, levels: &'a [u8], packed: &[u8], size: usize) -> Checked<Body<'a>> {
        let zstd = match &mut self.zstd {
            Some(zstd) => zstd,
            none => none.insert(zstd::bulk::Decompressor::new().or_damaged("zstd did not start")?),
        };
        let values = room(&mut self.buffer, size)?;
        let written = zstd.decompress_to_buffer(packed, values);
        whole(levels, values, written.or_damaged("zstd cannot read a page")?)
    }

    fn other<'a>(&'a mut self, chunk: &Chunk<'_>, shape: Shape, page: &PageAt, levels: usize) -> Checked<Body<'a>> {
        let offset = i64::try_from(page.start).ok().and_then(|at| shape.start.checked_add(at));
        let length = i32::try_from(page.range().end - page.start);
        let location = PageLocation {
            offset: offset.or_damaged("an offset of the footer is too large")?,
            compressed_page_size: length.or_damaged("a page is too large")?,
            first_row_index: 0,
        };
        // Where the page is not the chunk's first, the reader takes what lies before it for a dictionary.
        let is_first = location.offset == shape.start;
        let source = Arc::new(InChunk { start: shape.start.cast_unsigned(), bytes: chunk.bytes.clone() });
        let rows = usize::try_from(shape.rows).unwrap_or(usize::MAX);
        let mut reader = SerializedPageReader::new(source, chunk.meta, rows, Some(vec![location]))
            .map_err(|_| Beyond::Codec(shape.codec))?;
        if !is_first {
            reader.skip_next_page().or_damaged("the page cannot be reached")?;
        }
        let read = reader.get_next_page().or_damaged("a page cannot be decompressed")?;
        let read = read.or_damaged("a page cannot be reached")?;
        if read.num_values() != page.header.values || read.encoding() != page.header.encoding {
            return Err(Beyond::Damaged("a page header reads in two ways"));
        }
        self.page = match read {
            Page::DataPage { buf, .. } | Page::DataPageV2 { buf, .. } | Page::DictionaryPage { buf, .. } => buf,
        };
        let halves = self.page.split_at_checked(levels).filter(|_| self.page.len() == page.header.uncompressed);
        let (levels, values) = halves.or_damaged("a page has another size than its header says")?;
        Ok(Body { levels, values })
    }

    /// Gives back what only an unusual page needed.
    pub(super) fn rest(&mut self) {
        self.page = Bytes::new();
        if self.buffer.capacity() > BUFFER_BYTES_KEPT {
            self.buffer = Vec::new();
        }
    }
}

/// The first bytes of a buffer, which grows to have them.
fn room(buffer: &mut Vec<u8>, size: usize) -> Checked<&mut [u8]> {
    if let Some(more) = size.checked_sub(buffer.len()) {
        buffer.try_reserve_exact(more).or_damaged("no memory for a page")?;
        buffer.resize(size, 0);
    }
    buffer.get_mut(..size).or_damaged("no memory for a page")
}

/// Writes the length with which Snappy's bytes begin into as many of them as it takes there, seven bits to each.
fn put_length(packed: &mut [u8], mut length: usize) {
    for byte in packed {
        let is_last = *byte < 0x80;
        *byte = (length & 0x7f) as u8 | (*byte & 0x80);
        length >>= 7;
        if is_last {
            return;
        }
    }
}

/// A page of which so many bytes were written.
const fn whole<'a>(levels: &'a [u8], values: &'a [u8], written: usize) -> Checked<Body<'a>> {
    if written == values.len() {
        Ok(Body { levels, values })
    } else {
        Err(Beyond::Damaged("a page has another size than its header says"))
    }
}

/// The chunk's bytes under their offsets in the file.
struct InChunk {
    start: u64,
    bytes: Bytes,
}

impl InChunk {
    fn tail(&self, start: u64) -> ParquetResult<Bytes> {
        let at = start.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        at.filter(|at| *at <= self.bytes.len())
            .map(|at| self.bytes.slice(at..))
            .ok_or_else(|| ParquetError::EOF("outside the chunk".to_owned()))
    }
}

impl Length for InChunk {
    fn len(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl ChunkReader for InChunk {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.tail(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let tail = self.tail(start)?;
        if length > tail.len() {
            return Err(ParquetError::EOF("outside the chunk".to_owned()));
        }
        Ok(tail.slice(..length))
    }
}
