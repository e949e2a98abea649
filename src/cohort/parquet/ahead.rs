//! A file that several read from several places, each column some way ahead.

use crate::cohort::Whole;
use ::parquet::errors::{ParquetError, Result as Outcome};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;
use std::io::{self, BufReader, Chain, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that is read from several places.
#[derive(Clone)]
pub(super) struct Shared {
    whole: Arc<Mutex<Box<dyn Whole>>>,
    length: u64,
}

impl Shared {
    /// A file, wherever it is read next.
    ///
    /// # Errors
    ///
    /// Why its length cannot be told.
    pub fn new(mut whole: Box<dyn Whole>) -> io::Result<Self> {
        let length = whole.seek(SeekFrom::End(0))?;
        Ok(Shared {
            whole: Arc::new(Mutex::new(whole)),
            length,
        })
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Onward>;

    fn get_read(&self, start: u64) -> Outcome<Self::T> {
        Ok(BufReader::new(Onward {
            shared: self.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Outcome<Bytes> {
        // The file may tell of more than it has.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!(
                "it tells of {length} bytes from {start}, and has {}",
                self.length
            )));
        }
        let mut bytes = vec![0; length];
        let mut from = Onward {
            shared: self.clone(),
            at: start,
        };
        from.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A file from one place on.
pub(super) struct Onward {
    shared: Shared,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut whole = self.shared.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.seek(SeekFrom::Start(self.at))?;
        let count = whole.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// How many bytes of a column are read ahead: those who share a file wait for each other at every reading.
const AHEAD: usize = 1 << 18;

/// How many bytes the head of a page has at most, more or less.
const HEAD: u64 = 1 << 13;

/// One column of a group of rows, which is read by one thread from its beginning to its end.
pub(super) struct Ahead {
    shared: Shared,
    /// Behind its last byte.
    end: u64,
    /// What has been read, and from where on.
    near: Mutex<(u64, Bytes)>,
}

impl Ahead {
    /// What lies before `end`.
    pub fn new(shared: &Shared, end: u64) -> Self {
        Ahead {
            shared: shared.clone(),
            end,
            near: Mutex::default(),
        }
    }

    /// At least so many bytes from a place on, and all others that are near; none, where so many are not read ahead.
    fn from(&self, start: u64, wanted: usize) -> Outcome<Bytes> {
        let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, bytes) = &*near;
        let skipped = start.checked_sub(*begin).and_then(|skipped| usize::try_from(skipped).ok());
        if let Some(skipped) = skipped.filter(|skipped| bytes.len().checked_sub(*skipped).is_some_and(|left| left >= wanted)) {
            return Ok(bytes.slice(skipped..));
        }
        let left = usize::try_from(self.end.saturating_sub(start)).map_or(AHEAD, |left| left.min(AHEAD));
        if left < wanted {
            return Ok(Bytes::new());
        }
        let bytes = self.shared.get_bytes(start, left)?;
        *near = (start, bytes.clone());
        Ok(bytes)
    }
}

impl Length for Ahead {
    fn len(&self) -> u64 {
        self.shared.len()
    }
}

impl ChunkReader for Ahead {
    type T = Chain<Cursor<Bytes>, Onward>;

    fn get_read(&self, start: u64) -> Outcome<Self::T> {
        let wanted = self.end.saturating_sub(start).min(HEAD);
        let near = self.from(start, usize::try_from(wanted).unwrap_or(0))?;
        let onward = Onward {
            shared: self.shared.clone(),
            at: start.saturating_add(near.len() as u64),
        };
        Ok(Cursor::new(near).chain(onward))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Outcome<Bytes> {
        let near = self.from(start, length)?;
        match near.len() < length {
            true => self.shared.get_bytes(start, length),
            false => Ok(near.slice(..length)),
        }
    }
}
