use std::{
    fmt,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// What Redis answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RespValue {
    /// A string of either kind. What is not UTF-8 in it has been replaced.
    Text(String),
    /// A number.
    Integer(i64),
    /// A list.
    Array(Vec<RespValue>),
    /// Nothing.
    Nil,
    /// An error within a list, as EXEC gives it.
    Error(String),
}

impl RespValue {
    /// Its elements; none where it is no list.
    #[must_use]
    pub fn elements(&self) -> &[Self] {
        if let Self::Array(elements) = self { elements } else { &[] }
    }
}

/// Texts, numbers and errors as they are, so that they can be compared and parsed.
impl fmt::Display for RespValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Error(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Array(_) | Self::Nil => write!(f, "{self:?}"),
        }
    }
}

/// A connection that speaks RESP 2 as plainly as can be, so that a test does not share a bug with netring's client.
#[derive(Debug)]
pub struct RespConnection {
    stream: BufReader<TcpStream>,
}

impl RespConnection {
    /// Connects. `timeout` holds for this, and then for every read and write.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub fn open(address: SocketAddr, timeout: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, timeout)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a command, and gives the answer.
    ///
    /// # Errors
    /// [`TimedOut`](io::ErrorKind::TimedOut) where none comes in time; [`Other`](io::ErrorKind::Other) with Redis' own
    /// words where the answer is an error; else what happened to the connection.
    pub fn command(&mut self, words: &[&str]) -> io::Result<RespValue> {
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        self.stream.get_mut().write_all(request.as_bytes()).map_err(in_time)?;
        self.read()
    }

    /// Reads what Redis sends next; for subscriptions, and for answers that came too late.
    ///
    /// # Errors
    /// As for [`command`](Self::command).
    pub fn read(&mut self) -> io::Result<RespValue> {
        match self.value().map_err(in_time)? {
            RespValue::Error(text) => Err(io::Error::other(text)),
            value => Ok(value),
        }
    }

    fn value(&mut self) -> io::Result<RespValue> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let line = line.strip_suffix("\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| unexpected(line))?;
        let number = || rest.parse::<i64>().map_err(|_| unexpected(line));
        Ok(match kind {
            "+" => RespValue::Text(rest.to_owned()),
            "-" => RespValue::Error(rest.to_owned()),
            ":" => RespValue::Integer(number()?),
            "$" => match usize::try_from(number()?) {
                Ok(length) => RespValue::Text(self.bulk(length)?),
                Err(_) => RespValue::Nil,
            },
            "*" => match usize::try_from(number()?) {
                Ok(length) => RespValue::Array((0..length).map(|_| self.value()).collect::<io::Result<_>>()?),
                Err(_) => RespValue::Nil,
            },
            _ => return Err(unexpected(line)),
        })
    }

    fn bulk(&mut self, length: usize) -> io::Result<String> {
        let mut bytes = vec![0; length + "\r\n".len()];
        self.stream.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn unexpected(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("this is no RESP: {line:?}"))
}

/// The system says of a socket's timeout that it would block.
fn in_time(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}
