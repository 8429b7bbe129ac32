//! What SQLite writes goes through here: a VFS that is the default one but for writes, syncs,
//! truncations and deletions, which are counted, noted in the [`Disk`] of their thread, and fail when
//! that says so.
//!
//! No call reaches the machine's own sync: what survives a power cut is the disk's to say.

#![expect(unsafe_code, reason = "SQLite's interface to files is one of C")]

use super::disk::{Act, Disk, Failure};
use rusqlite::ffi;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::{Mutex, Once};

thread_local! {
    /// The disk of this thread. What is not under test has none.
    pub(super) static DISK: RefCell<Option<Disk>> = const { RefCell::new(None) };
    /// Which file is at which address.
    static OPEN: RefCell<HashMap<usize, PathBuf>> = RefCell::new(HashMap::new());
}

/// A table of methods with ours in it, and the one that it was made of.
#[repr(C)]
struct Patched {
    methods: ffi::sqlite3_io_methods,
    base: *const ffi::sqlite3_io_methods,
}

/// The tables that were made, by the address of what they were made of. There are a handful, and they
/// stay.
static TABLES: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// Makes it the default, for this process.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default VFS is there once SQLite is initialised, which asking for it does,
        // and is never taken away; the copy is leaked, so it stays as long.
        unsafe {
            let base = ffi::sqlite3_vfs_find(std::ptr::null());
            let mut shim = *base;
            shim.pNext = std::ptr::null_mut();
            shim.zName = c"failing".as_ptr();
            shim.xOpen = Some(open);
            shim.xDelete = Some(delete);
            let shim = Box::leak(Box::new(shim));
            BASE.set(base as usize).unwrap();
            assert_eq!(ffi::sqlite3_vfs_register(shim, 1), ffi::SQLITE_OK);
        }
    });
}

static BASE: std::sync::OnceLock<usize> = std::sync::OnceLock::new();

fn base() -> *mut ffi::sqlite3_vfs {
    *BASE.get().unwrap() as *mut ffi::sqlite3_vfs
}

/// The path that a name is for; none for a file without a name.
fn path(name: *const c_char) -> Option<PathBuf> {
    // SAFETY: names are null or end with a null byte.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) });
    name.map(|name| PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the call is handed on as it came; `file` has the room that the default VFS asked
    // for, as ours asks for the same.
    unsafe {
        let opened = (*base()).xOpen.unwrap()(base(), name, file, flags, out_flags);
        if let Some(path) = path(name)
            && opened == ffi::SQLITE_OK
        {
            (*file).pMethods = patched((*file).pMethods);
            DISK.with_borrow_mut(|disk| disk.iter_mut().for_each(|disk| disk.opened(&path)));
            OPEN.with_borrow_mut(|open| open.insert(file as usize, path));
        }
        opened
    }
}

/// The table with our methods for one without.
fn patched(base: *const ffi::sqlite3_io_methods) -> *const ffi::sqlite3_io_methods {
    let mut tables = TABLES.lock().unwrap();
    if let Some((_, made)) = tables.iter().find(|(of, _)| *of == base as usize) {
        return *made as *const ffi::sqlite3_io_methods;
    }
    // SAFETY: a file that was opened has a table, which is static.
    let mut methods = unsafe { *base };
    methods.xWrite = Some(write);
    methods.xTruncate = Some(truncate);
    methods.xSync = Some(sync);
    let made = Box::leak(Box::new(Patched { methods, base }));
    tables.push((base as usize, std::ptr::from_ref(made) as usize));
    &raw const made.methods
}

/// The methods that ours stand for.
fn methods(file: *mut ffi::sqlite3_file) -> ffi::sqlite3_io_methods {
    // SAFETY: our methods are only in tables that are the first field of a `Patched`.
    unsafe { *(*(*file).pMethods.cast::<Patched>()).base }
}

/// What the disk of this thread says to this.
fn ask(file: *mut ffi::sqlite3_file, act: Act<'_>) -> Result<(), Failure> {
    let path = OPEN.with_borrow(|open| open.get(&(file as usize)).cloned());
    DISK.with_borrow_mut(|disk| match (disk, path) {
        (Some(disk), Some(path)) => disk.take(&path, act),
        _ => Ok(()),
    })
}

fn code(failure: Failure, io: c_int) -> c_int {
    match failure {
        Failure::Io => io,
        Failure::Full => ffi::SQLITE_FULL,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    len: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives `len` bytes there, and the call is handed on as it came, or
    // with half of them.
    unsafe {
        let given = std::slice::from_raw_parts(bytes.cast::<u8>(), len as usize);
        let half = &given[..given.len() / 2];
        let done = methods(file).xWrite.unwrap();
        match ask(file, Act::Write(offset as u64, given)) {
            Ok(()) => done(file, bytes, len, offset),
            Err(failure) => {
                if ask(file, Act::Torn(offset as u64, half)).is_ok() {
                    done(file, bytes, len / 2, offset);
                }
                code(failure, ffi::SQLITE_IOERR_WRITE)
            }
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    match ask(file, Act::Truncate(len as u64)) {
        // SAFETY: handed on as it came.
        Ok(()) => unsafe { methods(file).xTruncate.unwrap()(file, len) },
        Err(failure) => code(failure, ffi::SQLITE_IOERR_TRUNCATE),
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    match ask(file, Act::Sync) {
        Ok(()) => ffi::SQLITE_OK,
        Err(failure) => code(failure, ffi::SQLITE_IOERR_FSYNC),
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let path = path(name).unwrap_or_default();
    let asked = DISK.with_borrow_mut(|disk| match disk {
        Some(disk) => disk.take(&path, Act::Delete),
        None => Ok(()),
    });
    match asked {
        // SAFETY: handed on as it came.
        Ok(()) => unsafe { (*base()).xDelete.unwrap()(base(), name, sync) },
        Err(failure) => code(failure, ffi::SQLITE_IOERR_DELETE),
    }
}
