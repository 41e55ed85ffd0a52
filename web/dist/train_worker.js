var Ze=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),et=r=>{throw TypeError(r)};var ee=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&et("Object expected");var a,o;t&&(a=e[Ze("asyncDispose")]),a===void 0&&(a=e[Ze("dispose")],t&&(o=a)),typeof a!="function"&&et("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(n){return Promise.reject(n)}}),r.push([t,a,e])}else t&&r.push([t]);return e},fe=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(s,i,l,d){return d=Error(l),d.name="SuppressedError",d.error=s,d.suppressed=i,d},o=s=>e=t?new a(s,e,"An error was suppressed during disposal"):(t=!0,s),n=s=>{for(;s=r.pop();)try{var i=s[1]&&s[1].call(s[2]);if(s[0])return Promise.resolve(i).then(n,l=>(o(l),n()))}catch(l){o(l)}if(t)throw e};return n()};var _=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var tt="0.1.0";var J=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=rt(t^o);for(let o=0;o<4;o++)this.#e[o]=t=rt(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function rt(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function Ue(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),n=a.left>=0&&a.left+a.width<=e;for(let s=0;s<a.height;s++){let i=at(a.top+s,t)*e*3,l=s*a.width*3;if(n){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),l);continue}for(let d=0;d<a.width;d++){let c=i+at(a.left+d,e)*3;for(let p=0;p<3;p++)o[l+d*3+p]=r[c+p]}}return o}function at(r,e){let t=Math.max(2*(e-1),1),a=(r%t+t)%t;return a<e?a:t-a}function te(r,e,t,a,o){let{rgb:n,width:s,left:i,top:l}=a,[d,c]=o&4?[s*3,3]:[3,s*3],p=o&1?-d:d,u=o&2?-c:c,m=(l*s+i)*3+(o&1?d*(t-1):0)+(o&2?c*(t-1):0),w=e;for(let f=0;f<t;f++){let h=m+f*u;for(let g=0;g<t;g++,h+=p,w+=3)r[w]=n[h]/255,r[w+1]=n[h+1]/255,r[w+2]=n[h+2]/255}}function yr(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function ot(r,e,t,a){let o=yr(a),n=o.length-1;if(n===0)return;let s=e*3,i=new Float32Array(s+n*6);for(let d=0;d<t;d++){let c=d*s,p=c+s-3;i.set(r.subarray(c,c+s),n*3);for(let u=0;u<n*3;u++)i[u]=r[c+u%3],i[n*3+s+u]=r[p+u%3];for(let u=0;u<s;u++){let m=u+n*3,w=o[0]*i[m];for(let f=1;f<=n;f++)w+=o[f]*(i[m-3*f]+i[m+3*f]);r[c+u]=w}}let l=r.slice();for(let d=0;d<t;d++){let c=d*s;for(let p=0;p<s;p++)r[c+p]=o[0]*l[c+p];for(let p=1;p<=n;p++){let u=Math.max(d-p,0)*s,m=Math.min(d+p,t-1)*s,w=o[p];for(let f=0;f<s;f++)r[c+f]+=w*(l[u+f]+l[m+f])}}}async function nt(r,e,t,a){let{OffscreenCanvas:o}=globalThis,n=o&&new o(e,t),s=n?.getContext("2d",{willReadFrequently:!0});if(!n||!s)throw new _("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let u=0,m=0;u<r.length;u+=3,m+=4)i[m]=r[u],i[m+1]=r[u+1],i[m+2]=r[u+2];s.putImageData(new ImageData(i,e,t),0,0);let l=await n.convertToBlob({type:"image/jpeg",quality:a/100}),d=await createImageBitmap(l,{colorSpaceConversion:"none"});s.drawImage(d,0,0),d.close();let{data:c}=s.getImageData(0,0,e,t),p=new Uint8Array(e*t*3);for(let u=0,m=0;m<p.length;u+=4,m+=3)p[m]=c[u],p[m+1]=c[u+1],p[m+2]=c[u+2];return p}var Ne;function wr(){if(Ne)return Ne;let r=new Float32Array(65536),e=0;for(let a=0;a<65536/2;a++){let o=vr((a+.5)/65536);e+=2*o*o,r[a]=o}let t=Math.sqrt(65536/e);for(let a=0;a<65536/2;a++)r[a]*=t,r[65535-a]=-r[a];return Ne=r}function vr(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function st(r,e,t){if(e===0)return;let a=wr();for(let o=0;o<r.length;o+=2){let n=t.uint32();r[o]+=e*a[n&65535],o+1<r.length&&(r[o+1]+=e*a[n>>>16])}}function it(r,e,t){let a=e*4294967296,o=a/2;for(let n=0;n<r.length;n+=3){let s=t.uint32();s<a&&(r[n]=r[n+1]=r[n+2]=s<o?0:255)}}function br(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function lt(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let l=(i+.5)*t-.5,d=Math.ceil(l-2*a),c=0;for(let p=0;p<o;p++){let u=br((d+p-l)/a);n[i*o+p]=xr(d+p,r),s[i*o+p]=u,c+=u}for(let p=0;p<o;p++)s[i*o+p]/=c}return{positions:n,weights:s,count:o}}function xr(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function he(r,e,t,a,o,n=3){let s=lt(e,a),i=new Float32Array(t*a*n);for(let p=0;p<t;p++){let u=p*e;for(let m=0;m<a;m++){let w=(p*a+m)*n;for(let f=0;f<n;f++){let h=0;for(let g=m*s.count,v=g+s.count;g<v;g++)h+=s.weights[g]*r[(u+s.positions[g])*n+f];i[w+f]=h}}}let l=lt(t,o),d=new Float32Array(o*a*n),c=a*n;for(let p=0;p<o;p++)for(let u=p*l.count,m=u+l.count;u<m;u++){let w=l.positions[u]*c,f=l.weights[u];for(let h=0,g=p*c;h<c;h++)d[g+h]+=f*i[w+h]}return d}async function dt(r,e,t,a,o,n=nt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let s=Float32Array.from(r),[i,l]=[e,t];for(let{name:d,strength:c}of a)if(d==="blur")ot(s,i,l,c);else if(d==="gaussian")st(s,c,o);else if(d==="salt-pepper")it(s,c,o);else if(d==="jpeg")s=Float32Array.from(await n(ct(s),i,l,c));else if(d==="downscale")s=_r(s,i,l,c);else{if(i%c||l%c)throw new RangeError(`Cannot shrink ${i}×${l} by ${c}`);s=he(s,i,l,i/c,l/c),[i,l]=[i/c,l/c]}return ct(s)}function pt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function ct(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function _r(r,e,t,a){let o=Math.max(1,Math.round(e/a)),n=Math.max(1,Math.round(t/a)),s=he(r,e,t,o,n);return he(s,o,n,e,t)}var kr=2,Sr=20,re=class{#e;#r;#t;#o;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new _("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((s,i)=>i),this.#t.length===0)throw new _("There is no photo to cut patches from: give more photos");let n=0;this.#o=Float64Array.from(this.#t,s=>{let{width:i,height:l}=e.photos[s];return n+=i*l})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),n=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),s=Array.from({length:t},(i,l)=>this.#a(e,l,o,n));return await Promise.all(s),{input:o,target:n}}async#a(e,t,a,o){let{seed:n,batch:s,patch:i,recipe:l,jpeg:d,augment:c=!0}=this.#r,p=l?.scale??1,u=i*p,m=new J(n,e,t),{index:w,high:f,low:h}=await this.#n(m,e*s+t),{width:g,height:v}=this.#e.photos[w],b=Array.from({length:c?kr:1},()=>({left:p*m.below(Math.floor(Math.max(g-u,0)/p)+1),top:p*m.below(Math.floor(Math.max(v-u,0)/p)+1)})),{left:k,top:T}=Ar(f,g,v,u,b),B=c?m.below(8):0,D=t*i*i*3;if(!l){let j=gr=>Ue(gr,g,v,{left:k,top:T,width:i,height:i});te(a,D,i,{rgb:j(h),width:i,left:0,top:0},B),te(o,D,i,{rgb:j(f),width:i,left:0,top:0},B);return}let G=l.sample(m),P=pt(G),O=G.some(({name:j})=>j==="jpeg")?16:1,K=Math.max(k-P+p*m.below(O),0),Z=Math.max(T-P+p*m.below(O),0),ue=j=>Math.max(j-j%p,u),me=Math.min(k+u+P,ue(g)),Oe=Math.min(T+u+P,ue(v)),L={left:K,top:Z,width:me-K,height:Oe-Z},Xe=Ue(f,g,v,L),fr=await dt(Xe,L.width,L.height,G,m,d),Ee={left:k-K,top:T-Z};te(o,D*p**2,u,{rgb:Xe,width:L.width,...Ee},B);let hr={width:L.width/p,left:Ee.left/p,top:Ee.top/p};te(a,D,i,{rgb:fr,...hr},B)}async#n(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#s(e.uniform()),n=this.#t[o];try{return{index:n,...await this.#e.load(n)}}catch(s){if(!(s instanceof _)||a===Sr)throw s}}}#s(e){let t=e*this.#o[this.#o.length-1],a=0,o=this.#o.length-1;for(;a<o;){let n=a+o>>1;this.#o[n]>t?o=n:a=n+1}return a}};function Ar(r,e,t,a,o){let n=({left:i,top:l})=>{let d=0;for(let c=l;c<Math.min(l+a,t);c+=4)for(let p=i;p+1<Math.min(i+a,e);p+=4){let u=(c*e+p)*3+1;d+=Math.abs(r[u]-r[u+3])}return d},s=o.map(n);return o[s.indexOf(Math.max(...s))]}var Tr=2**40;function ut(r,e){let{count:t,size:a,seed:o,indices:n,recipe:s,jpeg:i}=e;return new re(r,{patch:a,batch:t,seed:o,indices:n,recipe:s,jpeg:i,augment:!1,choose:"each"}).batch(Tr)}function mt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((l,d)=>d);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),n=r.map(({name:l})=>Pr(l,t)),s=a.toSorted((l,d)=>n[l]-n[d]||l-d),i=new Set(s.slice(0,o));return{train:a.filter(l=>!i.has(l)),validation:a.filter(l=>i.has(l))}}function Pr(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var Ge={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},ge={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",photo:"6*mix(blur:0-2*3,gaussian:0-30*2,salt-pepper:0-0.03,jpeg:25-100) | 2*salt-pepper:0-0.03,blur:0-2 | blur:0-2,salt-pepper:0-0.03"},Rr=.1,Mr=.2,$r=.75;function ft(r){let e=r.trim(),a=(Object.hasOwn(ge,e)?ge[e]:e).split("|").map(i=>Or(i.trim(),r)),o=Er(a.map(({items:i})=>i),r),n=a.reduce((i,{weight:l})=>i+l,0),s=a.map(({weight:i,items:l})=>`${i===1?"":`${ae(i)}*`}${Cr(l)}`).join(" | ");return{name:Object.hasOwn(ge,e)?e:s,text:s,scale:o,sample:i=>{let l=a.length>1?i.uniform()*n:0,{items:d}=a.find(({weight:c})=>(l-=c)<0)??a[a.length-1];return d.flatMap(c=>"mix"in c?Ur(c.mix,i):ht(c.step,i))}}}function Or(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw U(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:gt(o,e).map(n=>Nr(n,e))}}function Er(r,e){let t=r.map(a=>a.reduce((o,n)=>{if("mix"in n){if(n.mix.some(({name:d})=>d==="shrink"))throw U(e,"a mix cannot shrink the photo");return o}let{name:s,low:i,high:l}=n.step;if(s!=="shrink")return o;if(i!==l||!Number.isInteger(i))throw U(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw U(e,"its alternatives shrink the photo differently");return t[0]}function ht({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function Ur(r,e){if(e.uniform()<Rr)return[];let t=e.uniform()*r.reduce((i,{weight:l})=>i+l,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,n=e.shuffled(r.filter((i,l)=>l===o||e.uniform()<Mr)),s=n.findIndex(i=>i.name==="jpeg");return s>=0&&e.uniform()<$r&&n.push(...n.splice(s,1)),n.map(i=>ht(i,e))}function gt(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw U(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw U(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function Nr(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:gt(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return Ce(a,e);let n=Number(o[2]);if(n===0)throw U(e,`'${a}' has the weight 0`);return{...Ce(o[1],e),weight:n}})}:{step:Ce(r,e)}}function Ce(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw U(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,n=o]=t;if(!Object.hasOwn(Ge,a))throw U(e,`there is no step '${a}'`);let s=Ge[a],i=Number(o),l=Number(n);if(i>l)throw U(e,`'${r}' has its range the wrong way round`);if(i<s.low||l>s.high)throw U(e,`'${r}' is outside ${s.low}..${s.high} (${s.meaning})`);return{name:a,low:i,high:l,weight:1}}function Cr(r){let e=({name:t,low:a,high:o,weight:n})=>`${t}:${a===o?ae(a):`${ae(a)}-${ae(o)}`}${n===1?"":`*${ae(n)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function ae(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function U(r,e){let t=Object.values(Ge).map(({example:a,meaning:o,low:n,high:s})=>`${a} (${o}, ${n}..${s})`);return new _(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(ge).join(", ")}`,{exitCode:2})}var x=class extends Error{name="GpuError"},E=class extends x{name="GpuOutOfMemoryError"},W=class extends x{name="GpuLostError"};var Fe={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Gr(r,e){let t=r.prelude??[];for(let n of t)if(e[n]===void 0)throw new x(`Cannot compile ${r.name}: the constant ${n} is not given`);let a=[...t.map(n=>`const ${n} = ${e[n]};
`),...(r.includes??[]).map(n=>Fe[n]),Fe[r.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([n])=>!t.includes(n)));return{code:a,overrides:o}}async function yt(r,e,t){let{code:a,overrides:o}=Gr(e,t),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let s=r.createShaderModule({label:e.name,code:a}),i=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((c,p)=>({binding:p,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[c]}}))}),l=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:o}}),d=await r.popErrorScope();if(d)throw new x(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${d.message}`);return{kernel:e,pipeline:l,layout:i}}var Fr=200,Ir=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Br(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Dr(){Br();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,n=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:n,vendor:a,architecture:o,software:Ir.test(`${n} ${a} ${o}`),lavapipe:/llvmpipe|lavapipe/i.test(n),features:[...r.features].sort()}}}async function wt(){let r=await Dr();if(!r)throw new _("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:o}=e,n=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new Ie(n,t)}var Ie=class{device;adapter;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#n=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#n||(this.#a??=new W(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new E(`The GPU is out of memory: ${o.message}`):new x(`The GPU refused a command: ${o.message}`)})}check(){if(this.#n)throw new x("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),Fr),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new W(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new E(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new x(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,o=this.#o.get(a);return o||yt(this.device,e,t).then(n=>(this.#o.set(a,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function R(r){return r.reduce((e,t)=>e*t,1)}function A(r){return Math.ceil(r/4)*4}function S(r){return r.join("×")}function Y(r,e){return Math.ceil(r/e)}function z(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:l,residualBlocks:d}=r,c=r.scale,p=[],u=[],m=(y,b,k,T,B,D=1,G=3)=>{p.push({op:"conv2d",name:y,inputs:b,output:y,kernel:G,stride:D,inChannels:k,outChannels:T,activation:B});let P=k.reduce((O,K)=>O+K,0);return u.push({name:`${y}.weight`,shape:[G,G,P,T]},{name:`${y}.bias`,shape:[T]}),y},w=(y,b,k)=>{let T=m(y,[b],[k],k,n);return d?(p.push({op:"add",inputs:[b,T],output:`${y}.sum`}),`${y}.sum`):T},f=t.length-1,h=[],g="image",v=e;for(let y=0;y<=f;y++){y>0&&(h.push(g),s==="stride"?(g=m(`down${y}`,[g],[v],t[y],n,2),v=t[y]):(p.push({op:"maxPool",input:g,output:`pool${y}`}),g=`pool${y}`)),g=m(`enc${y}.0`,[g],[v],t[y],n),v=t[y];for(let b=1;b<a[y];b++)g=w(`enc${y}.${b}`,g,v)}for(let y=f-1;y>=0;y--){p.push({op:"upsample",input:g,output:`up${y}`,mode:i}),g=m(`dec${y}.0`,[`up${y}`,h[y]],[v,t[y]],t[y],n),v=t[y];for(let b=1;b<o[y];b++)g=w(`dec${y}.${b}`,g,v)}if(g=m("out",[g],[v],e*c**2,"none"),c!==1&&(p.push({op:"pixelShuffle",input:g,output:"shuffled",factor:c}),g="shuffled"),l){let y="image";for(let b=2;b<=c;b*=2)p.push({op:"upsample",input:y,output:`image.x${b}`,mode:"bilinear"}),y=`image.x${b}`;p.push({op:"add",inputs:[y,g],output:"restored"}),g="restored"}return{nodes:p,parameters:u,output:g}}var Kr=[1,2,4];function ye(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(d,c,p,u)=>{if(!Number.isInteger(c)||c<p||c>u)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${p} to ${u}, got ${c}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let n={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(d,c)=>e*2**c),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!Kr.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:l}=n;if(s.forEach(d=>o("a width",d,1,4096)),i.forEach(d=>o("a scale's encoder blocks",d,1,16)),l.forEach(d=>o("a scale's decoder blocks",d,1,16)),i.length!==s.length||l.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[d,c,p]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]]])if(!p.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${p.join(", ")}, got ${c}`);return n}function we(r){return 2**(r.widths.length-1)}var Lr=.1,jr=.5;function vt(r,e){let t=z(r),a=new Map,o=new Set(t.nodes.flatMap(s=>s.op==="add"?[`${s.inputs[1]}.weight`]:[]));for(let s of t.nodes)s.op==="conv2d"&&a.set(`${s.name}.weight`,s.activation);let n=new Map;return t.parameters.forEach(({name:s,shape:i},l)=>{let d=new Float32Array(R(i)),c=a.get(s);if(c!==void 0){let p=c==="none"?1:c==="leaky-relu"?.1:0,u=R(i.slice(0,-1)),w=(s==="out.weight"&&r.residual?Lr:o.has(s)?jr:1)*Math.sqrt(2/((1+p**2)*u)),f=new J(e,l);for(let h=0;h<d.length;h++)d[h]=w*f.normal()}n.set(s,d)}),n}var Wr=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function oe(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Wr[(t^r[a])&255]^t>>>8;return~t>>>0}var Q={F32:4,F16:2},qr=65504,Hr=1e8,ne="crc32",Be="00000000";function xt(r){let e=[...r.tensors].map(([d,c])=>({name:d,...c,dtype:c.dtype??"F32"})).sort((d,c)=>Q[c.dtype]-Q[d.dtype]),t={__metadata__:{...r.metadata,[ne]:Be}},a=0;for(let{name:d,shape:c,data:p,dtype:u}of e){if(p.length!==R(c))throw new RangeError(`Cannot store tensor "${d}": shape ${S(c)} has not ${p.length} values`);if(d==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${d}"`);let m=a+p.length*Q[u];t[d]={dtype:u,shape:c,data_offsets:[a,m]},a=m}let o=new TextEncoder().encode(JSON.stringify(t)),n=Math.ceil(o.length/8)*8,s=new Uint8Array(8+n+a);new DataView(s.buffer).setUint32(0,n,!0),s.fill(32,8,8+n),s.set(o,8);let i=8+n;for(let{name:d,data:c,dtype:p}of e){if(p==="F32")s.set(new Uint8Array(c.buffer,c.byteOffset,c.byteLength),i);else{let u=Qr(c,d);s.set(new Uint8Array(u.buffer),i)}i+=c.length*Q[p]}let l=kt(s,n);return s.set(new TextEncoder().encode(St(oe(s))),l),s}function _t(r,e){let t=f=>{throw new _(`Cannot read ${X(e)} as safetensors: ${f}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>Hr&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let n=Vr(r.subarray(8,8+o),t),{__metadata__:s={},...i}=n;(!De(s)||Object.values(s).some(f=>typeof f!="string"))&&t("its metadata is not a list of strings; the file is damaged");let l=r.subarray(8+o),d=[],c=new Map,p=Object.entries(i).map(([f,h])=>{let g=Jr(f,h,l.length,t);return d.push(g),{tensor:f,...g}});d.sort((f,h)=>f.begin-h.begin||f.end-h.end);let u=0;for(let{begin:f,end:h}of d)f!==u&&t(`its tensors overlap or leave a gap at byte ${Math.min(f,u)}; the file is damaged`),u=h;u!==l.length&&t(`its tensors fill ${u} bytes, but ${l.length} follow the header; the file is damaged`),Yr(r,o,s,t);for(let{tensor:f,dtype:h,shape:g,begin:v,end:y}of p){let b=l.slice(v,y).buffer,k=h==="F32"?new Float32Array(b):Float32Array.from(new Float16Array(b));c.set(f,{dtype:h,shape:g,data:k})}let{[ne]:m,...w}=s;return{tensors:c,metadata:w}}function Vr(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return De(t)?t:e("its header is no JSON object; the file is damaged")}function Jr(r,e,t,a){let o=c=>a(`tensor ${X(r)} has ${c}; the file is damaged`);if(!De(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${X(r)} is of type ${X(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(bt))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(bt))return o("no valid offsets");let[l,d]=i;return d<l?o(`offsets ${l} to ${d}`):d>t?a(`tensor ${X(r)} ends at byte ${d} of the data, but the file holds ${t}; it is truncated or damaged`):d-l!==R(s)*Q[n]?o(`${d-l} bytes, but shape ${S(s)} of ${n} takes ${R(s)*Q[n]}`):{dtype:n,shape:s,begin:l,end:d}}function Yr(r,e,t,a){if(!Object.hasOwn(t,ne))return;let o=kt(r,e);if(o!==void 0){let n=new TextEncoder().encode(Be),s=r.subarray(o+n.length),i=oe(s,oe(n,oe(r.subarray(0,o))));if(St(i)===t[ne])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function kt(r,e){let t=new TextEncoder().encode(`"${ne}":"`),a=8+e-t.length-Be.length;for(let o=8;o<=a;o++)if(t.every((n,s)=>r[o+s]===n))return o+t.length}function Qr(r,e){let t=new Float16Array(r),a=t.findIndex((o,n)=>!Number.isFinite(o)&&Number.isFinite(r[n]));if(a>=0)throw new _(`Cannot store tensor ${X(e)} as F16: the value ${r[a]} is beyond ±${qr}; store it as F32`);return t}function X(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var St=r=>r.toString(16).padStart(8,"0"),bt=r=>Number.isSafeInteger(r)&&r>=0,De=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var Ke="clairnet-1",ze=["name","recipe","loss","data","created","version","license","note"],At=["seed","steps"];function ve(r={}){return{...Object.fromEntries(ze.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function Tt(r,e={}){let{topology:t,parameters:a}=r,o=new Map,n=z(t).parameters;for(let{name:s,shape:i}of n){let l=a.get(s);if(!l)throw new RangeError(`Cannot store the model: parameter "${s}" is missing`);Pt(l,`Cannot store the model: parameter "${s}"`),o.set(s,{shape:i,data:l,dtype:e.dtype??"F32"})}if(a.size!==n.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${n.length}`);for(let[s,i]of e.tensors??[]){if(!s.includes("/"))throw new RangeError(`Cannot store extra tensor "${s}": its name must hold a "/"`);o.set(s,i)}return xt({tensors:o,metadata:{...e.metadata,...Xr(r)}})}function Xr({topology:r,info:e}){let t={format:Ke,topology:JSON.stringify(r)};for(let a of ze)t[a]=e[a];for(let a of At)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function Le(r,e){return Zr(_t(r,e),e)}function Zr(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==Ke||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new _(`${t}: its metadata has ${i}, where Clairnet's models have "${Ke}"`)}let n=ea(a.topology,t),s=new Map;for(let{name:i,shape:l}of z(n).parameters){let d=o.get(i);if(!d)throw new _(`${t}: tensor "${i}" (${S(l)}) is missing`);if(S(d.shape)!==S(l))throw new _(`${t}: tensor "${i}" has shape ${S(d.shape)}, but its topology wants ${S(l)}`);Pt(d.data,`${t}: tensor "${i}"`),s.set(i,d.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new _(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:ta(a,t)}}function Pt(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new _(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function ea(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,residualBlocks:c,scale:p}=JSON.parse(r);for(let[u,m]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(m))throw new RangeError(`${u} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[u,m]of Object.entries({residual:d,residualBlocks:c}))if(typeof m!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,m]of Object.entries({activation:s,down:i,up:l}))if(typeof m!="string")throw new RangeError(`${u} is no word`);return ye({channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,residualBlocks:c,scale:p??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new _(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function ta(r,e){let t={};for(let a of ze)t[a]=r[a]??"";for(let a of At){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new _(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,n])=>[o,Number(n)]);t.metrics=Object.fromEntries(a)}catch(a){throw new _(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Rt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var ra=.999,aa=500;function Mt(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(aa,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Rt(r,{peak:e,warmup:o,steps:t}),ema:oa(r)}}function oa(r){return Math.min((1+r)/(10+r),ra)}function $t(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((n,s)=>s).sort((n,s)=>r[n].first-r[s].first||r[s].bytes-r[n].bytes);for(let n of o){let{bytes:s,first:i,last:l}=r[n],d=-1;for(let c=0;c<e.length;c++){if(t[c]>=i)continue;if(d<0){d=c;continue}let p=e[c]>=s,u=e[d]>=s;(p?!u||e[c]<e[d]:!u&&e[c]>e[d])&&(d=c)}d<0&&(d=e.length,e.push(0),t.push(-1)),e[d]=Math.max(e[d],s),t[d]=l,a[n]=d}return{assignment:a,sizes:e}}function Ot(r,e){return e==="flat"?R(r)*4:R(r.slice(0,-1))*A(r[r.length-1])*4}function be(r,e,t){let a=A(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,n=t??new Float32Array(o*a);for(let s=0,i=0,l=0;s<o;s++,l+=a-e)for(let d=0;d<e;d++)n[l++]=r[i++];return n}function se(r,e){let t=A(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=t-e)for(let l=0;l<e;l++)o[i++]=r[s++];return o}var na=64,sa=65535,q=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new x(`Cannot record the tensor ${t}: its shape ${S(e)} must have positive extents`);let o=a.layout??"image",n={id:this.tensors.length,name:t,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:Ot(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new x(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let s=e.params.map(c=>c.split(":")[0]).find(c=>a.params[c]===void 0);if(s)throw new x(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=o.filter(c=>e.bindings[c]==="read_write").map(c=>F(t[c]).tensor);for(let c of o){let{tensor:p}=F(t[c]);if(e.bindings[c]!=="read_write"?i.includes(p):i.filter(u=>u===p).length>1)throw new x(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let[l,d]=ia(Math.ceil(a.invocations/na));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[l,d,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function ia(r){let e=Math.max(1,Math.ceil(r/sa));return[Math.max(1,Math.ceil(r/e)),e]}function F(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function M(r){return r.bytes/16}function Et(r){return R(r.shape)}var je=256;async function ie(r,e){let t=performance.now();try{return await la(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function la(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:p,constants:u}of e.dispatches)a.push(await r.kernel(p,u));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],n=(p,u,m)=>{let w=r.buffer(p,u,m);return o.push(w),w},s=()=>o.forEach(p=>r.release(p)),i,l;try{let p=ca(e,n),u=new DataView(new ArrayBuffer(e.dispatches.length*je));e.dispatches.forEach(({kernel:f,params:h},g)=>{f.params.forEach((v,y)=>{let[b,k]=v.split(":"),T=g*je+y*4;k==="f32"?u.setFloat32(T,h[b],!0):u.setInt32(T,h[b],!0)})});let m=n("uniforms",Math.max(u.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(u.buffer));let w=e.dispatches.map((f,h)=>({dispatch:f,compiled:a[h],group:t.createBindGroup({label:f.label,layout:a[h].layout,entries:[{binding:0,resource:{buffer:m,offset:h*je,size:f.kernel.params.length*4}},...Object.values(f.bindings).map((g,v)=>{let{tensor:y,offset:b,size:k}=F(g);return{binding:v+1,resource:{buffer:p.get(y),offset:b,size:k}}})]})}));i=new We(r,e,w,p,o)}catch(p){l=p}let d=await t.popErrorScope(),c=await t.popErrorScope();if(d?l=new E(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new x(`Cannot build a plan: ${c.message}`)),l)throw s(),l;return i}function ca(r,e){let t=new Map,a=new Map;r.dispatches.forEach((c,p)=>{for(let u of Object.values(c.bindings)){let{tensor:m}=F(u);t.has(m)||t.set(m,p),a.set(m,p)}});for(let c of r.outputs.values())a.set(c,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=r.tensors.filter(c=>{if(c.external)n.set(c,c.external);else if(c.lifetime==="persistent")n.set(c,e(c.name,c.bytes,o));else return t.has(c);return!1}),{assignment:i,sizes:l}=$t(s.map(c=>({bytes:c.bytes,first:t.get(c),last:a.get(c)}))),d=l.map((c,p)=>e(`shared ${p}`,c,o));return s.forEach((c,p)=>n.set(c,d[i[p]])),n}var We=class{#e;#r;#t;#o;#a;#n=new Map;#s=new Map;#i=!0;constructor(e,t,a,o,n){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=n}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new x(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=t;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#s.get(e);if(i||this.#s.set(e,i=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((l,d)=>l*d,1))throw new x(`Cannot write ${e}: it is ${S(a.shape)}, got ${t.length} values`);n=be(t,s,i)}this.#e.write(this.#o.get(a),0,n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||(a.setPipeline(o.compiled.pipeline),a.setBindGroup(0,o.group),a.dispatchWorkgroups(...o.dispatch.workgroups));a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new x(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,n=await this.#l(e,t),s=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#o.get(t),0,n,0,t.bytes),a.queue.submit([i.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(p){throw this.#e.check(),p}let l=performance.now();o.compute+=(l-s)/1e3;let d=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));n.unmap(),this.#e.check();let c=t.layout==="image"?se(d,t.shape[t.shape.length-1]):d;return o.download+=(performance.now()-l)/1e3,c}async#l(e,t){let a=this.#n.get(e);if(a)return a;let{device:o}=this.#e;o.pushErrorScope("out-of-memory");let n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(n);let s=await o.popErrorScope();if(s)throw new E(`The GPU is out of memory to read ${e}: ${s.message}`);return this.#n.set(e,n),n}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${F(s).tensor.name} ${S(F(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new x("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:d})=>!d.once||this.#i),a=e.createQuerySet({type:"timestamp",count:t.length*2}),o=t.length*16,n=this.#e.buffer("timestamps",o,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=this.#e.buffer("read timestamps",o,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),i=e.createCommandEncoder();t.forEach(({dispatch:d,compiled:c,group:p},u)=>{let m=i.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});m.setPipeline(c.pipeline),m.setBindGroup(0,p),m.dispatchWorkgroups(...d.workgroups),m.end()}),i.resolveQuerySet(a,0,t.length*2,n,0),i.copyBufferToBuffer(n,0,s,0,o),e.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ);let l=new BigUint64Array(s.getMappedRange().slice(0));s.unmap();for(let d of[n,s])this.#e.release(d);return a.destroy(),this.#i=!1,t.map(({dispatch:d},c)=>{let p=Number(l[c*2+1]-l[c*2]);return{label:d.label,kernel:d.kernel.name,milliseconds:p/1e6,gflops:p>0?d.flops/p:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var Ut={none:0,relu:1,"leaky-relu":2};function qe(r){return Ut[r]}var Nt=new WeakMap;function Ct(r,e){Nt.set(r,e)}function He(r){return Nt.get(r)??"none"}function C(r,e){let t=He(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:Ut[t]}}}var da={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},pa={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Gt(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record add "${a}": its terms are ${S(e.shape)} and ${S(t.shape)}`);let n=r.tensor(e.shape,a),s=M(n);return r.within(a,()=>{r.dispatch(da,{a:e,b:t,y:n},{params:{count:s},invocations:s}),r.gradient(n,i=>{for(let l of[e,t]){if(o.has(l))continue;let{gradient:d,accumulate:c}=r.gradientOf(l),{activated:p,constants:u}=C(l,i);r.dispatch(pa,{dy:i,activated:p,dx:d},{params:{count:s,accumulate:Number(c)},constants:u,invocations:s})}})}),n}function Ft(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var It=Ft("conv2d_tile8"),Bt=Ft("conv2d_tile8x4"),Dt={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Kt={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},zt={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Lt={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},jt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Wt={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var ua={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function I(r,e,t,a,o=!1){let n=F(t).size/16;r.dispatch(ua,{partials:e,total:t},{params:{count:n,slices:a,accumulate:Number(o)},invocations:n})}function H(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var ma={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},fa={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},qt=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:A(a)/4});function Ht(r,e,t,a="up",o=new Set){let[n,s,i,l]=e.shape,d=r.tensor([n,s*2,i*2,l],a);return r.within(a,()=>{r.dispatch(ma,{x:e,y:d},{params:qt(e),constants:{BILINEAR:+(t==="bilinear")},invocations:M(d)}),o.has(e)?o.add(d):r.gradient(d,c=>Ve(r,c,e,t))}),d}function Ve(r,e,t,a){let{gradient:o,accumulate:n}=r.gradientOf(t),{activated:s,constants:i}=C(t,e);r.dispatch(fa,{dy:e,activated:s,dx:o},{params:{...qt(t),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:M(t)})}var xe=65536,ha=2048,$=r=>"upsampled"in r?r.upsampled:r,le=r=>"upsampled"in r?1:0,N=r=>A(r.shape[3])/4;function Je(r){let{shape:e}=$(r),t=1<<le(r);return[e[1]*t,e[2]*t]}function ga(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new x(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,n]=Je(r[0]),s=$(r[0]).shape[0];for(let i of r){let[l,d]=Je(i),{shape:c}=$(i);if(c.length!==4||l!==o||d!==n||c[0]!==s)throw new x(`Cannot record conv2d "${e}": its inputs are ${S($(r[0]).shape)} and ${S(c)}`)}if(r.length===2&&le(r[1]))throw new x(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,Y(o,t),Y(n,t),a]}function Jt(r,e,t,a,{variant:o="auto",withoutGradient:n=new Set}={}){let{name:s,kernel:i,stride:l,activation:d}=a,c=ga(e,a);wa(e,t,a);let p=r.tensor(c,s);Ct(p,d);let u=t.range(r,`${s}.weight`),m=t.range(r,`${s}.bias`),w=o==="auto"?t.adapter.lavapipe?"tile8x4":"tile8":o,f={rec:r,sources:e,options:a,y:p,weight:u,bias:m,tall:w==="tile8x4",...ya(e,p)},h=o!=="naive"&&i===3&&l===1,g=v=>h&&Yt(v)*16<=xe;return r.within(s,()=>{if(g(f.in4)){let v=e.length-1;Xt(f,{sources:e,target:p,activated:$(e[0]),first4:0,accumulate:!1,modes:e.map((y,b)=>b===0?ba:xa),activations:e.map((y,b)=>b===v?qe(d):0)})}else va(f);r.gradient(p,v=>{ka(f,v,t,h);let y=0;for(let b of e){let k=$(b);n.has(k)||_a(f,v,b,y,g(f.out4)),y+=N(k)}})}),p}function ya(r,e){let[t,a]=Je(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,n)=>o+N($(n)),0),out4:N(e)}}function wa(r,e,{name:t,kernel:a,outChannels:o}){let n=r.map(l=>$(l).shape[3]),s=e.specs.find(l=>l.name===`${t}.weight`),i=[a,a,n.reduce((l,d)=>l+d,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new x(`Cannot record conv2d "${t}": input has ${n.join(" + ")} channels, so the weight is ${S(i)}; got ${s?S(s.shape):"none"}`)}function Ye({batch:r,out_height:e,out_width:t,options:a,sources:o},n){let s=n??o.reduce((i,l)=>i+$(l).shape[3],0);return 2*r*e*t*a.kernel**2*s*a.outChannels}function va(r){let{rec:e,sources:t,options:a,y:o,weight:n,bias:s}=r,[i,l=i]=t.map($);e.dispatch(Kt,{a:i,b:l,w:n,bias:s,y:o},{params:{..._e(r,["batch","height","width","out_height","out_width","out4"]),a4:N(i),b4:t[1]?N(l):0,a_shift:le(t[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:qe(a.activation)},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:Ye(r)})}function _e(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function Yt(r){return Math.ceil((72*r+2)/16)*16}var Qt=0,ba=1,xa=2;function Xt(r,e){let{rec:t,batch:a,height:o,width:n,in4:s,out4:i}=r,l=N(e.target),d=e.sources.reduce((g,v)=>g+N($(v)),0),c=Yt(d),p=Math.ceil(l/2),u=!t.training,m=Math.floor(xe/(c*16)),w=Math.floor((p-1)/m)*m*c*16,f=t.tensor([(w+xe)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:u?"persistent":"planned"});t.dispatch(Dt,{weight:r.weight,bias:r.bias,packed:f},{params:{in4:s,out4:i,source4:d,target4:l,first4:e.first4,block_vec4s:c,count:p*c},constants:{FORWARD:+(e.modes[0]!==Qt)},invocations:p*c,once:u});let h=0;e.sources.forEach((g,v)=>{let y=$(g),b=N(y);for(let k=0;k<p;k+=m){let T=Math.min(m,p-k);t.dispatch(r.tall?Bt:It,{x:y,w:{tensor:f,offset:k*c*16,size:xe},activated:e.activated,y:e.target},{params:{batch:a,height:o,width:n,x4:b,first4:h,in4:d,shift:le(g),out4:l,first_block:k,block_vec4s:c,accumulate:Number(e.accumulate),activation:e.activations[v]},constants:{MODE:e.modes[v]},invocations:a*Math.ceil(o/(r.tall?4:1))*Math.ceil(n/8),groups:T,flops:18*a*o*n*b*4*Math.min(T*8,(l-k*2)*4)})}h+=b})}function _a(r,e,t,a,o){let{rec:n,options:s}=r,i=$(t),d="upsampled"in t?n.tensor([r.batch,r.height,r.width,i.shape[3]],`d(${i.name} upsampled)`):void 0,{gradient:c,accumulate:p}=d?{gradient:d,accumulate:!1}:n.gradientOf(i),{activated:u,constants:m}=d?{activated:e,constants:{ACTIVATION:0}}:C(i,e);o?Xt(r,{sources:[e],modes:[Qt],activations:[m.ACTIVATION],activated:u,target:c,first4:a,accumulate:p}):n.dispatch(zt,{dy:e,w:r.weight,activated:u,dx:c},{params:{..._e(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:N(i),first4:a,kernel:s.kernel,stride:s.stride,accumulate:Number(p)},constants:m,invocations:r.batch*r.height*r.width*N(i),flops:Ye(r,i.shape[3])}),d&&Ve(n,d,i,"nearest")}function Vt(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function ka(r,e,t,a){let{rec:o,options:n,in4:s,out4:i}=r,l=n.kernel**2,{slices:d,each:c}=H(r.batch*r.out_height,Math.ceil(ha/(a?Vt(s,i):s*i*l))),p=o.tensor([d,l,s*4,i*4],`${n.name}.weight partials`,{layout:"flat"}),u=0;for(let h of r.sources){let g=$(h),v=N(g),y={out4:i,shift:le(h),in4:v,first4:u,total4:s,slices:d,rows:c},b=Ye(r,g.shape[3]);a?o.dispatch(Lt,{x:g,dy:e,partials:p},{params:{..._e(r,["batch","height","width"]),...y},invocations:Vt(v,i)*d,flops:b}):o.dispatch(jt,{x:g,dy:e,partials:p},{params:{..._e(r,["batch","height","width","out_height","out_width"]),...y,kernel:n.kernel,stride:n.stride},invocations:l*v*i*d,flops:b}),u+=v}I(o,p,t.range(o,`${n.name}.weight`,"gradients"),d);let m=r.batch*r.out_height*r.out_width,w=H(m,Math.ceil(256/i)),f=o.tensor([w.slices,i*4],`${n.name}.bias partials`,{layout:"flat"});o.dispatch(Wt,{dy:e,partials:f},{params:{pixels:m,out4:i,slices:w.slices,slice_pixels:w.each},invocations:i*w.slices}),I(o,f,t.range(o,`${n.name}.bias`,"gradients"),w.slices)}var Sa={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Aa={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Zt(r,e,t="pool"){let[a,o,n,s]=e.shape,i=A(s)/4,l=r.tensor([a,Y(o,2),Y(n,2),s],t),d=r.tensor([M(l)],`${t}.argmax`,{layout:"flat"}),c={batch:a,height:o,width:n,c4:i};return r.within(t,()=>{r.dispatch(Sa,{x:e,y:l,argmax:d},{params:c,invocations:M(l)}),r.gradient(l,p=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:w,constants:f}=C(e,p);r.dispatch(Aa,{dy:p,argmax:d,activated:w,dx:u},{params:{...c,accumulate:Number(m)},constants:f,invocations:M(e)})})}),l}var tr=["values","gradients","moment1","moment2","average"],er=64,ke=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let o of t){let n=rr(o);this.#r.set(o.name,{spec:o,offset:a,length:n}),a+=Math.ceil(n/er)*er}this.length=a}get adapter(){return this.#e.adapter}range(e,t,a="values"){let{offset:o,length:n}=this.#a(t);return{tensor:this.whole(e,a),offset:o*4,size:n*4}}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==R(o.shape))throw new x(`Cannot upload ${o.name}: it has ${R(o.shape)} values, got ${s?.length??"none"}`);a.set(Pa(s,o),n)}this.#e.write(this.#n(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(o.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:l,length:d})=>[i.name,Ra(s.subarray(l,l+d),i)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new x(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Ta(r){return r.reduce((e,t)=>e+A(t),0)}function rr({shape:r,sources:e}){if(r.length===1)return A(r[0]);let[t,a,o,n]=r;return t*a*Ta(e??[o])*A(n)}function Pa(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],n=be(r,o);if(t.length===1)return n;let s=A(o),i=new Float32Array(rr(e));return ar(t,a,(l,d)=>i.set(n.subarray(l*s,(l+1)*s),d*s)),i}function Ra(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return se(r,o).slice(0,o);let n=A(o),s=new Float32Array(R(t.slice(0,-1))*n);return ar(t,a,(i,l)=>s.set(r.subarray(l*n,(l+1)*n),i*n)),se(s,o).slice()}function ar(r,e,t){let a=r[0]*r[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[r[2]]){for(let l=0;l<i;l++)t(o++,n+l);n+=A(i)}}var Ma={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},$a={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function or(r,e,t,a="shuffle"){let[o,n,s,i]=e.shape,l=i/t**2;if(!Number.isInteger(l))throw new x(`Cannot record pixel shuffle "${a}": ${S(e.shape)} has no multiple of ${t**2} channels`);let d=r.tensor([o,n*t,s*t,l],a),c={batch:o,height:n,width:s,channels:l,factor:t,x_c4:A(i)/4,y_c4:A(l)/4};return r.within(a,()=>{r.dispatch(Ma,{x:e,y:d},{params:c,invocations:M(d)}),r.gradient(d,p=>{let{gradient:u,accumulate:m}=r.gradientOf(e),{activated:w,constants:f}=C(e,p);r.dispatch($a,{dy:p,activated:w,dx:u},{params:{...c,accumulate:Number(m)},constants:f,invocations:M(e)})})}),d}function ce(r,e){let t=z(e),a=new Map(t.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new ke(r,t.parameters.map(o=>({...o,sources:a.get(o.name)})))}function de(r,e,t,a,o={}){let n=we(t),[,s,i,l]=e.shape;if(s%n||i%n||l!==t.channels)throw new x(`Cannot record the U-Net: the image is ${s}×${i}×${l}, it takes multiples of ${n} and ${t.channels} channels`);let d=z(t),c=new Map([["image",e]]),p=new Set([e]),u=m=>{let w=c.get(m);if("upsampled"in w)throw new x(`Cannot record the U-Net: ${m} is read by more than a convolution`);return w};for(let m of d.nodes)if(m.op==="conv2d"){let w=m.inputs.map(f=>c.get(f));c.set(m.output,Jt(r,w,a,m,{...o,withoutGradient:p}))}else m.op==="maxPool"?c.set(m.output,Zt(r,u(m.input),m.output)):m.op==="add"?c.set(m.output,Gt(r,u(m.inputs[0]),u(m.inputs[1]),m.output,p)):m.op==="pixelShuffle"?c.set(m.output,or(r,u(m.input),m.factor,m.output)):m.mode==="nearest"?c.set(m.output,{upsampled:u(m.input)}):c.set(m.output,Ht(r,u(m.input),m.mode,m.output,p));return u(d.output)}var Oa={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},Ea={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"}};function nr(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),n=M(o),{slices:s,each:i}=H(n,1024),l=r.tensor([s*4],"norm partials",{layout:"flat"}),d=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(Oa,{g:o,partials:l},{params:{count:n,slice_vec4s:i,slices:s},invocations:s}),I(r,l,d,s);let[c,p,u,m]=["values","moment1","moment2","average"].map(w=>e.whole(r,w));r.dispatch(Ea,{now:a,g:o,norm:d,p:c,m:p,v:u,average:m},{params:{count:n},invocations:n})}),{squaredNorm:d}}function sr(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:n=1e-8,decay:s=0,maxNorm:i=0,ema:l=.999}=r,d=c=>1/(1-Math.fround(c)**t);return Float32Array.of(e,a,o,n,d(a),d(o),s,i,l,0,0,0)}var Ua=["mse","l1","charbonnier"],Na={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32"],bindings:{y:"read",goal:"read",weights:"read",dy:"read_write",partials:"read_write"}},Ca=1024;function ir(r,e,t,a,o){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record loss: output is ${S(e.shape)}, target is ${S(t.shape)}`);if(He(e)!=="none")throw new x(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new x(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let n=e.shape[e.shape.length-1],s=M(e),{slices:i,each:l}=H(s,Ca),d=r.tensor([i*4],"loss partials",{layout:"flat"}),c=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{r.dispatch(Na,{y:e,goal:t,weights:o??t,dy:r.gradientOf(e).gradient,partials:d},{params:{count:s,c4:A(n)/4,channels:n,slice_vec4s:l,slices:i,image_vec4s:s/e.shape[0],scale:1/Et(e)},constants:{KIND:Ua.indexOf(a),WEIGHTED:+(o!==void 0)},invocations:i}),I(r,d,c,i)}),c}var lr=tr.filter(r=>r!=="gradients"),Se=class r{#e;#r;#t;#o;#a;#n;#s=0;#i;constructor(e,t,a,o){let{topology:n}=t;this.#o=e,this.#a=n,this.#n=t,this.#t=a,this.#e=o,this.#r=ce(e,n)}static async create(e,t){let{topology:a,batch:o,patch:n}=t,s=ce(e,a),i=new q({training:!0}),l=i.input("x",[o,n,n,a.channels]),d=n*a.scale,c=i.input("target",[o,d,d,a.channels]),p=de(i,l,a,s),m=(t.balance??0)>0?i.scalars("weights",o):void 0,w=ir(i,p,c,t.loss,m);i.backward();let{squaredNorm:f}=nr(i,s),h=i.scalars("total loss",4);I(i,w,h,1,!0),i.output("total loss",h),i.output("squared norm",f);try{return new r(e,t,await ie(e,i),s)}catch(g){throw s[Symbol.dispose](),g}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of lr)this.#e.upload(e[t],t);this.#l()}step(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#n;o>0&&this.#t.write("weights",Ga(e,a,o)),this.#t.write("adam",sr(t)),this.#t.run(),this.#s++}async look(){let[e]=await this.#t.read("total loss"),[t]=await this.#t.read("squared norm"),a={loss:e/this.#s,gradientNorm:Math.sqrt(t)};return this.#l(),a}async state(){let e={};for(let t of lr)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let c=new q({training:!1});c.output("y",de(c,c.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await ie(this.#o,c),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:n}=this.#i;n.refresh();let s=t*t*a,i=e.input.length/s,l=s*o**2,d=0;for(let c=0;c<i;c++){n.write("x",e.input.subarray(c*s,(c+1)*s)),n.run();let p=await n.read("y"),u=0;for(let m=0;m<l;m++)u+=(Math.min(Math.max(p[m],0),1)-e.target[c*l+m])**2;d+=Math.min(-10*Math.log10(u/l),60)}return d/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:ve({loss:this.#n.loss,...e})}}#l(){this.#t.write("total loss",new Float32Array(4)),this.#s=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function Ga({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),n=r.length/t;for(let s=0;s<t;s++){let i=0;for(let l=s*n;l<(s+1)*n;l++)i+=(r[l]-e[l])**2;o[s]=(.003/(i/n+5e-4))**a}return o}function cr(){return self}function Ae(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var Fa=2e8,Ia=2048,Te=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],n=[],s=Math.min(Ia,Math.floor(Math.sqrt(Fa/Math.max(e.length,1))));for(let[i,l]of e.entries()){let d=l.webkitRelativePath||l.name;try{let{width:c,height:p,rgb:u}=await Ba(l,s);a.push({name:d,width:c,height:p}),o.push(u)}catch(c){n.push(`${d}: ${Ae(c)}`)}t(i+1,e.length)}if(a.length===0)throw new _(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,n)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function Ba(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,n]=[t.width,t.height].map(d=>Math.max(1,Math.round(d*a))),s=new OffscreenCanvas(o,n).getContext("2d",{willReadFrequently:!0});s.imageSmoothingQuality="high",s.drawImage(t,0,0,o,n),t.close();let{data:i}=s.getImageData(0,0,o,n),l=new Uint8Array(o*n*3);for(let d=0,c=0;c<l.length;d+=4,c+=3)l[c]=i[d],l[c+1]=i[d+1],l[c+2]=i[d+2];return{width:o,height:n,rgb:l}}var Da=2,Pe=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=ce(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=new q({training:!1});o.output("restored",de(o,o.input("image",e),this.topology,this.#r));let n=await ie(this.#e,o);this.#t.set(t,n);for(let[s,i]of this.#t){if(this.#t.size<=Da)break;this.#t.delete(s),i[Symbol.dispose]()}return n}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var Re=class extends Error{name="TileTooLargeError"};var Me=class{topology;device;preferredTile;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:1024,this.#e=e,this.#r=o.owned??!1,this.#t=new Pe(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new W(n.message,{cause:o}):o instanceof E?new Re(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function dr(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var Qe=4,Ka=96,za=60,$e=class r{#e;#r;#t;#o;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#s(t.input);this.#o=o.indexOf(Math.min(...o))}static async draw(e,t){let a=we(t.topology),o=Math.ceil(Ka/a)*a;return new r(t.topology,await ut(e,{...t,count:Qe,size:o}),o)}async measure(e,t){var l=[];try{let a=ee(l,new Me(e,this.#e,t));let{input:o,target:n}=this.#r;let s=new Float32Array(o.length);for(let u=0;u<Qe;u++)s.set(await a.run(this.#n(o,u),this.#t,this.#t),u*this.#a);let i=u=>dr(this.#n(u,this.#o));return{psnr:{damaged:pr(this.#s(o)),restored:pr(this.#s(s))},preview:{size:this.#t,damaged:i(o),restored:i(s),original:i(n)}}}catch(d){var c=d,p=!0}finally{fe(l,c,p)}}get#a(){return this.#t*this.#t*3}#n(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#s(e){return Array.from({length:Qe},(t,a)=>{let o=0;for(let n=a*this.#a;n<(a+1)*this.#a;n++)o+=(Math.min(Math.max(e[n],0),1)-this.#r.target[n])**2;return Math.min(-10*Math.log10(o/this.#a),za)})}};function pr(r){return r.reduce((e,t)=>e+t,0)/r.length}async function ur({name:r,url:e,bytes:t}){if(t)return Le(t,r);let a=await fetch(e).catch(o=>{throw new _(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new _(`Cannot fetch the model ${r}: the server answered ${a.status}`);return Le(new Uint8Array(await a.arrayBuffer()),r)}var mr="l1",La=.05,ja=2500,Wa=8,V=cr(),pe=!1;V.onmessage=({data:r})=>{if(r.kind==="stop"){pe=!0;return}pe=!1,qa(r.training).catch(e=>V.postMessage({kind:"failed",message:Ae(e)}))};async function qa(r){var T=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:n}=r;let s=ft(r.recipe);let i=await Ha(r);let{topology:l}=i;let d=ee(T,await wt());let c=await Te.open(r.files,(P,O)=>V.postMessage({kind:"decoding",done:P,total:O}));let p=mt(c.photos,La,o);let u=new re(c,{patch:a,batch:t,seed:o,recipe:s,indices:p.train});let m=await $e.draw(c,{indices:p.validation,recipe:s,seed:o,topology:l});let w=ee(T,await Se.create(d,{topology:l,batch:t,patch:a,loss:mr}).catch(P=>{throw P instanceof E?new _(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):P}));w.start(i.parameters);V.postMessage({kind:"ready",device:d.adapter.name,photos:c.photos.length,skipped:c.skipped,parameters:[...i.parameters.values()].reduce((P,{length:O})=>P+O,0)});let f=performance.now();let h=0;let g=0;for(;h<e&&!pe;){if(w.step(await u.batch(h),Mt(h+1,{peak:r.learningRate,steps:e})),h++,await new Promise(L=>setTimeout(L)),h%n!==0&&h<e&&!pe)continue;let{loss:P}=await w.look();if(!Number.isFinite(P))throw new _(`The loss is no longer finite at step ${h}: try a smaller learning rate`);let O=performance.now(),K=h/(O-f)*1e3;if(O<g&&h<e&&!pe){V.postMessage({kind:"progress",step:h,loss:P,stepsPerSecond:K});continue}let{average:Z}=await w.state(),{psnr:ue,preview:me}=await m.measure(d,Z);V.postMessage({kind:"progress",step:h,loss:P,stepsPerSecond:K,psnr:ue,preview:me},[me.restored.buffer]);let Oe=performance.now()-O;g=performance.now()+Math.max(ja,Wa*Oe)}let{average:v}=await w.state();let{psnr:y}=await m.measure(d,v);let b=ve({name:"own",recipe:s.text,seed:o,steps:h,loss:mr,data:`${c.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(y.restored.toFixed(3))},created:new Date().toISOString(),version:tt,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let k=Tt({topology:l,parameters:v,info:b});V.postMessage({kind:"done",step:h,stopped:h<e,file:k},[k.buffer])}catch(B){var D=B,G=!0}finally{fe(T,D,G)}}async function Ha(r){if(r.init)return await ur(r.init);let e=ye({base:r.base,depth:r.depth});return{topology:e,parameters:vt(e,r.seed)}}
