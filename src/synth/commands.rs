//! Command lines from templates, short ones and very long ones.

use rand::{Rng, RngCore};

use super::catalogue::Program;
use super::random::{guid, hex};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The `index`-th command line of a program. In a template `{n}` is a number, `{h}` 16 hexadecimal digits, `{g}` a GUID,
/// `{host}` a host name, `{b}` a long base64 text.
pub(super) fn command_line(program: &Program, index: usize, rng: &mut impl RngCore) -> String {
    let template = program.templates[index % program.templates.len()];
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (field, tail) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(&value(field, rng));
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn value(field: &str, rng: &mut impl RngCore) -> String {
    let n = rng.next_u64();
    match field {
        "n" => (n % 90_000 + 100).to_string(),
        "h" => hex(n, 16),
        "g" => guid(n),
        "host" => format!("{}-{}.example", ["cdn", "api", "files", "mirror", "build"][(n % 5) as usize], n / 5 % 400),
        "b" => (0..300 + n % 2_400 / 4 * 4).map(|_| char::from(BASE64[rng.random_range(0..64)])).collect(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::PROGRAMS;
    use super::super::random::{Purpose, stream};
    use super::*;

    #[test]
    fn every_field_of_every_template_is_known() {
        let mut rng = stream(1, Purpose::Programs, 0);
        for program in &PROGRAMS {
            for (index, template) in program.templates.iter().enumerate() {
                for field in template.split('{').skip(1).filter_map(|part| part.split('}').next()) {
                    assert!(["n", "h", "g", "host", "b"].contains(&field), "{template}: {field}");
                }
                assert!(!command_line(program, index, &mut rng).contains(['{', '}']), "{template}");
            }
        }
    }
}
