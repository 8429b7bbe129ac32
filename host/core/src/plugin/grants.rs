//! What a plugin may reach beyond its own imports. Empty unless the user says so.
//!
//! An empty grant allows: the contract's imports, coarse clocks, capped random
//! numbers, captured stdout and stderr. It denies files, network, the host's
//! environment, arguments and stdin; those calls answer "not permitted".

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The grants of one plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Folders it may read.
    pub read: Vec<Folder>,
    /// Folders it may read and write.
    pub write: Vec<Folder>,
    /// Names of host variables it may see, with their values.
    pub env: Vec<(String, String)>,
    /// Addresses it may connect to over TCP.
    pub net: Vec<NetRule>,
    /// Workers that it may submit jobs to, besides itself.
    pub submit: Vec<String>,
}

/// A granted folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is on the host. Never shown to the guest.
    pub host: PathBuf,
    /// What the guest calls it, an absolute path.
    pub guest: String,
}

/// Why a grant's text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The folder has no last name that a guest could see.
    #[error("`{0}` has no folder name; write `{0}::/name` to say what the plugin calls it")]
    NoName(String),
    /// The guest's side is not an absolute, plain path.
    #[error("`{0}` is not how a plugin may see a folder; write an absolute path such as `/data`")]
    GuestPath(String),
    /// Two folders would have the same name.
    #[error("two granted folders are called `{0}`; write `FOLDER::/other` for one of them")]
    SameName(String),
    /// Not `IP:PORT`.
    #[error("`{0}` is not an address; write for example `127.0.0.1:8080` or `10.0.0.7:*`")]
    NetRule(String),
}

/// One address that a plugin may connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetRule {
    /// The only address; names are not looked up.
    pub ip: IpAddr,
    /// The only port; `None` = every port.
    pub port: Option<u16>,
}

impl NetRule {
    /// Reads `IP:PORT`, `[IP]:PORT` or `IP:*`.
    pub fn parse(text: &str) -> Result<NetRule, GrantError> {
        let wrong = || GrantError::NetRule(text.to_owned());
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(NetRule {
                ip: address.ip(),
                port: Some(address.port()),
            });
        }
        let ip = text.strip_suffix(":*").ok_or_else(wrong)?;
        let ip = ip.trim_start_matches('[').trim_end_matches(']');
        let ip = ip.parse().map_err(|_| wrong())?;
        Ok(NetRule { ip, port: None })
    }

    /// Whether the rule covers an address.
    #[must_use]
    pub fn covers(&self, address: SocketAddr) -> bool {
        self.ip == address.ip().to_canonical() && self.port.is_none_or(|p| p == address.port())
    }
}

impl fmt::Display for NetRule {
    /// What [`NetRule::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ip, self.port) {
            (ip, Some(port)) => SocketAddr::new(ip, port).fmt(f),
            (IpAddr::V4(ip), None) => write!(f, "{ip}:*"),
            (IpAddr::V6(ip), None) => write!(f, "[{ip}]:*"),
        }
    }
}

impl Folder {
    /// Reads `HOST` or `HOST::GUEST`; a relative host side begins at `base`.
    ///
    /// Without a guest side the plugin sees the folder's last name only, so that
    /// it learns nothing of where the folder is.
    pub fn parse(text: &str, base: &Path) -> Result<Folder, GrantError> {
        let (host, guest) = match text.split_once("::") {
            Some((host, guest)) => (host, Some(guest)),
            None => (text, None),
        };
        let host = base.join(host);
        let guest = match guest {
            Some(guest) => guest.to_owned(),
            None => Self::last_name(&host).ok_or_else(|| GrantError::NoName(text.to_owned()))?,
        };
        let plain = guest
            .split('/')
            .skip(1)
            .all(|part| !matches!(part, "." | ".." | ""));
        if !guest.starts_with('/') || (!plain && guest != "/") {
            return Err(GrantError::GuestPath(guest));
        }
        Ok(Folder { host, guest })
    }

    fn last_name(host: &Path) -> Option<String> {
        let name = match host.file_name() {
            Some(name) => name.to_owned(),
            None => host.canonicalize().ok()?.file_name()?.to_owned(),
        };
        Some(format!("/{}", name.to_str()?))
    }
}

impl Grants {
    /// Nothing but the contract's own imports.
    #[must_use]
    pub fn none() -> Grants {
        Grants::default()
    }

    /// Whether nothing is granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Grants::default()
    }

    /// Whether it may submit jobs to a worker other than itself.
    pub(crate) fn may_submit(&self, worker: &str) -> bool {
        self.submit.iter().any(|name| name == worker)
    }

    /// Checks that every folder has a name of its own.
    pub fn check(&self) -> Result<(), GrantError> {
        let mut seen: Vec<&str> = Vec::new();
        for folder in self.read.iter().chain(&self.write) {
            if seen.contains(&folder.guest.as_str()) {
                return Err(GrantError::SameName(folder.guest.clone()));
            }
            seen.push(&folder.guest);
        }
        Ok(())
    }

    /// The grants in words, one sentence each; what is not said is not allowed.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for folder in &self.read {
            words.push(format!(
                "may read {} (it calls it {})",
                folder.host.display(),
                folder.guest
            ));
        }
        for folder in &self.write {
            words.push(format!(
                "may read and write {} (it calls it {})",
                folder.host.display(),
                folder.guest
            ));
        }
        for (name, _) in &self.env {
            words.push(format!("may see the host variable {name}"));
        }
        for rule in &self.net {
            match rule.port {
                Some(port) => words.push(format!("may connect to {} port {port}", rule.ip)),
                None => words.push(format!("may connect to {} on every port", rule.ip)),
            }
        }
        for name in &self.submit {
            words.push(format!("may submit jobs to {name}"));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_seen_by_its_last_name_only() {
        let base = Path::new("/srv/project");
        let folder = Folder::parse("photos/2026", base).expect("legal");
        assert_eq!(folder.host, Path::new("/srv/project/photos/2026"));
        assert_eq!(folder.guest, "/2026");
        let folder = Folder::parse("/home/me/x::/data/in", base).expect("legal");
        assert_eq!(folder.host, Path::new("/home/me/x"));
        assert_eq!(folder.guest, "/data/in");
    }

    #[test]
    fn odd_guest_paths_are_refused() {
        for text in ["x::data", "x::/a/../b", "x::", "x::/a//b"] {
            assert!(
                matches!(
                    Folder::parse(text, Path::new("/")),
                    Err(GrantError::GuestPath(_))
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn two_folders_cannot_share_a_name() {
        let base = Path::new("/srv");
        let grants = Grants {
            read: vec![Folder::parse("a/in", base).expect("legal")],
            write: vec![Folder::parse("b/in", base).expect("legal")],
            ..Grants::none()
        };
        assert_eq!(grants.check(), Err(GrantError::SameName("/in".into())));
    }

    #[test]
    fn a_network_rule_covers_its_address_and_port_only() {
        let rule = NetRule::parse("127.0.0.1:80").expect("legal");
        assert!(rule.covers("127.0.0.1:80".parse().expect("address")));
        assert!(!rule.covers("127.0.0.1:81".parse().expect("address")));
        assert!(!rule.covers("127.0.0.2:80".parse().expect("address")));
        let any = NetRule::parse("[::1]:*").expect("legal");
        assert!(any.covers("[::1]:7".parse().expect("address")));
        assert!(NetRule::parse("example").is_err());
    }
}
