var ft=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),ht=r=>{throw TypeError(r)};var ce=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&ht("Object expected");var a,o;t&&(a=e[ft("asyncDispose")]),a===void 0&&(a=e[ft("dispose")],t&&(o=a)),typeof a!="function"&&ht("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(s){return Promise.reject(s)}}),r.push([t,a,e])}else t&&r.push([t]);return e},we=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(n,i,c,u){return u=Error(c),u.name="SuppressedError",u.error=n,u.suppressed=i,u},o=n=>e=t?new a(n,e,"An error was suppressed during disposal"):(t=!0,n),s=n=>{for(;n=r.pop();)try{var i=n[1]&&n[1].call(n[2]);if(n[0])return Promise.resolve(i).then(s,c=>(o(c),s()))}catch(c){o(c)}if(t)throw e};return s()};var k=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var gt="0.1.0";var te=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=yt(t^o);for(let o=0;o<4;o++)this.#e[o]=t=yt(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function yt(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function be(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),s=a.left>=0&&a.left+a.width<=e;for(let n=0;n<a.height;n++){let i=vt(a.top+n,t)*e*3,c=n*a.width*3;if(s){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),c);continue}for(let u=0;u<a.width;u++){let l=i+vt(a.left+u,e)*3;for(let p=0;p<3;p++)o[c+u*3+p]=r[l+p]}}return o}function vt(r,e){let t=Math.max(2*(e-1),1),a=(r%t+t)%t;return a<e?a:t-a}function le(r,e,t,a,o){let{rgb:s,width:n,left:i,top:c}=a,[u,l]=o&4?[n*3,3]:[3,n*3],p=o&1?-u:u,d=o&2?-l:l,m=(c*n+i)*3+(o&1?u*(t-1):0)+(o&2?l*(t-1):0),f=e;for(let h=0;h<t;h++){let g=m+h*d;for(let v=0;v<t;v++,g+=p,f+=3)r[f]=s[g]/255,r[f+1]=s[g+1]/255,r[f+2]=s[g+2]/255}}function ze(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function xe(r,e,t,a){let o=ze(a),s=o.length-1;if(s===0)return;let n=e*3,i=new Float32Array(n+s*6);for(let u=0;u<t;u++){let l=u*n,p=l+n-3;i.set(r.subarray(l,l+n),s*3);for(let d=0;d<s*3;d++)i[d]=r[l+d%3],i[s*3+n+d]=r[p+d%3];for(let d=0;d<n;d++){let m=d+s*3,f=o[0]*i[m];for(let h=1;h<=s;h++)f+=o[h]*(i[m-3*h]+i[m+3*h]);r[l+d]=f}}let c=r.slice();for(let u=0;u<t;u++){let l=u*n;for(let p=0;p<n;p++)r[l+p]=o[0]*c[l+p];for(let p=1;p<=s;p++){let d=Math.max(u-p,0)*n,m=Math.min(u+p,t-1)*n,f=o[p];for(let h=0;h<n;h++)r[l+h]+=f*(c[d+h]+c[m+h])}}}async function wt(r,e,t,a){let{OffscreenCanvas:o}=globalThis,s=o&&new o(e,t),n=s?.getContext("2d",{willReadFrequently:!0});if(!s||!n)throw new k("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let d=0,m=0;d<r.length;d+=3,m+=4)i[m]=r[d],i[m+1]=r[d+1],i[m+2]=r[d+2];n.putImageData(new ImageData(i,e,t),0,0);let c=await s.convertToBlob({type:"image/jpeg",quality:a/100}),u=await createImageBitmap(c,{colorSpaceConversion:"none"});n.drawImage(u,0,0),u.close();let{data:l}=n.getImageData(0,0,e,t),p=new Uint8Array(e*t*3);for(let d=0,m=0;m<p.length;d+=4,m+=3)p[m]=l[d],p[m+1]=l[d+1],p[m+2]=l[d+2];return p}var re=65536,We;function aa(){if(We)return We;let r=new Float32Array(re),e=0;for(let a=0;a<re/2;a++){let o=oa((a+.5)/re);e+=2*o*o,r[a]=o}let t=Math.sqrt(re/e);for(let a=0;a<re/2;a++)r[a]*=t,r[re-1-a]=-r[a];return We=r}function oa(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function Ve(r,e,t){if(e===0)return;let a=aa();for(let o=0;o<r.length;o+=2){let s=t.uint32();r[o]+=e*a[s&65535],o+1<r.length&&(r[o+1]+=e*a[s>>>16])}}var bt=4;function xt(r,e,t,a,o){if(a===0)return;let s=o.between(.4,1.2),n=o.uniform(),i=new Float32Array(r.length);Ve(i,1,o);for(let l=0;l<i.length;l+=3){let p=i[l];for(let d of[1,2])i[l+d]=Math.sqrt(n)*p+Math.sqrt(1-n)*i[l+d]}xe(i,e,t,s);let u=ze(s).reduce((l,p,d)=>l+(d===0?1:2)*p*p,0);for(let l=0;l<r.length;l++)r[l]+=a/u*i[l]}function _t(r,e,t){let a=e*4294967296,o=a/2;for(let s=0;s<r.length;s+=3){let n=t.uint32();n<a&&(r[s]=r[s+1]=r[s+2]=n<o?0:255)}}function sa(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function kt(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,s=new Int32Array(e*o),n=new Float64Array(e*o);for(let i=0;i<e;i++){let c=(i+.5)*t-.5,u=Math.ceil(c-2*a),l=0;for(let p=0;p<o;p++){let d=sa((u+p-c)/a);s[i*o+p]=na(u+p,r),n[i*o+p]=d,l+=d}for(let p=0;p<o;p++)n[i*o+p]/=l}return{positions:s,weights:n,count:o}}function na(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function _e(r,e,t,a,o,s=3){let n=kt(e,a),i=new Float32Array(t*a*s);for(let p=0;p<t;p++){let d=p*e;for(let m=0;m<a;m++){let f=(p*a+m)*s;for(let h=0;h<s;h++){let g=0;for(let v=m*n.count,w=v+n.count;v<w;v++)g+=n.weights[v]*r[(d+n.positions[v])*s+h];i[f+h]=g}}}let c=kt(t,o),u=new Float32Array(o*a*s),l=a*s;for(let p=0;p<o;p++)for(let d=p*c.count,m=d+c.count;d<m;d++){let f=c.positions[d]*l,h=c.weights[d];for(let g=0,v=p*l;g<l;g++)u[v+g]+=h*i[f+g]}return u}async function At(r,e,t,a,o,s=wt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let n=Float32Array.from(r),[i,c]=[e,t];for(let{name:u,strength:l}of a)if(u==="blur")xe(n,i,c,l);else if(u==="gaussian")Ve(n,l,o);else if(u==="grain")xt(n,i,c,l,o);else if(u==="salt-pepper")_t(n,l,o);else if(u==="jpeg")n=Float32Array.from(await s(St(n),i,c,l));else if(u==="downscale")n=ia(n,i,c,l);else{if(i%l||c%l)throw new RangeError(`Cannot shrink ${i}×${c} by ${l}`);n=_e(n,i,c,i/l,c/l),[i,c]=[i/l,c/l]}return St(n)}function Rt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*bt:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function St(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function ia(r,e,t,a){let o=Math.max(1,Math.round(e/a)),s=Math.max(1,Math.round(t/a)),n=_e(r,e,t,o,s);return _e(n,o,s,e,t)}var ca=2,la=20,ue=class{#e;#r;#t;#o;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new k("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((n,i)=>i),this.#t.length===0)throw new k("There is no photo to cut patches from: give more photos");let s=0;this.#o=Float64Array.from(this.#t,n=>{let{width:i,height:c}=e.photos[n];return s+=i*c})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),s=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),n=Array.from({length:t},(i,c)=>this.#a(e,c,o,s));return await Promise.all(n),{input:o,target:s}}async#a(e,t,a,o){let{seed:s,batch:n,patch:i,recipe:c,jpeg:u,onto:l="high",augment:p=!0}=this.#r,d=c?.scale??1,m=i*d,f=new te(s,e,t),{index:h,high:g,low:v}=await this.#s(f,e*n+t),{width:w,height:y}=this.#e.photos[h],_=Array.from({length:p?ca:1},()=>({left:d*f.below(Math.floor(Math.max(w-m,0)/d)+1),top:d*f.below(Math.floor(Math.max(y-m,0)/d)+1)})),{left:S,top:E}=ua(g,w,y,m,_),C=p?f.below(8):0,R=t*i*i*3;if(!c){let J=ra=>be(ra,w,y,{left:S,top:E,width:i,height:i});le(a,R,i,{rgb:J(v),width:i,left:0,top:0},C),le(o,R,i,{rgb:J(g),width:i,left:0,top:0},C);return}let O=c.sample(f),N=Rt(O),D=O.some(({name:J})=>J==="jpeg")?16:1,j=Math.max(S-N+d*f.below(D),0),W=Math.max(E-N+d*f.below(D),0),ie=J=>Math.max(J-J%d,m),Be=Math.min(S+m+N,ie(w)),De=Math.min(E+m+N,ie(y)),ee={left:j,top:W,width:Be-j,height:De-W},mt=be(g,w,y,ee),Zr=l==="low"&&v?be(v,w,y,ee):mt,ea=await At(Zr,ee.width,ee.height,O,f,u),Ke={left:S-j,top:E-W};le(o,R*d**2,m,{rgb:mt,width:ee.width,...Ke},C);let ta={width:ee.width/d,left:Ke.left/d,top:Ke.top/d};le(a,R,i,{rgb:ea,...ta},C)}async#s(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#n(e.uniform()),s=this.#t[o];try{return{index:s,...await this.#e.load(s)}}catch(n){if(!(n instanceof k)||a===la)throw n}}}#n(e){let t=e*this.#o[this.#o.length-1],a=0,o=this.#o.length-1;for(;a<o;){let s=a+o>>1;this.#o[s]>t?o=s:a=s+1}return a}};function ua(r,e,t,a,o){let s=({left:i,top:c})=>{let u=0;for(let l=c;l<Math.min(c+a,t);l+=4)for(let p=i;p+1<Math.min(i+a,e);p+=4){let d=(l*e+p)*3+1;u+=Math.abs(r[d]-r[d+3])}return u},n=o.map(s);return o[n.indexOf(Math.max(...n))]}var pa=2**40;function Tt(r,e){let{count:t,size:a,seed:o,indices:s,recipe:n,jpeg:i,onto:c}=e;return new ue(r,{patch:a,batch:t,seed:o,indices:s,recipe:n,jpeg:i,onto:c,augment:!1,choose:"each"}).batch(pa)}function Pt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((c,u)=>u);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),s=r.map(({name:c})=>da(c,t)),n=a.toSorted((c,u)=>s[c]-s[u]||c-u),i=new Set(n.slice(0,o));return{train:a.filter(c=>!i.has(c)),validation:a.filter(c=>i.has(c))}}function da(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var je={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},ke={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*3,gaussian:0-30*4,grain:0-20,salt-pepper:0-0.03,jpeg:20-100*4) | 2*gaussian:10-30 | 2*salt-pepper:0-0.03,blur:0.5-2 | blur:0-2,salt-pepper:0-0.03 | none"},ma=.1,fa=.2,ha=.75;function Ot(r){let e=r.trim(),a=(Object.hasOwn(ke,e)?ke[e]:e).split("|").map(i=>ga(i.trim(),r)),o=ya(a.map(({items:i})=>i),r),s=a.reduce((i,{weight:c})=>i+c,0),n=a.map(({weight:i,items:c})=>`${i===1?"":`${pe(i)}*`}${ba(c)}`).join(" | ");return{name:Object.hasOwn(ke,e)?e:n,text:n,scale:o,sample:i=>{let c=a.length>1?i.uniform()*s:0,{items:u}=a.find(({weight:l})=>(c-=l)<0)??a[a.length-1];return u.flatMap(l=>"mix"in l?va(l.mix,i):Mt(l.step,i))}}}function ga(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw F(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:Ct(o,e).map(s=>wa(s,e))}}function ya(r,e){let t=r.map(a=>a.reduce((o,s)=>{if("mix"in s){if(s.mix.some(({name:u})=>u==="shrink"))throw F(e,"a mix cannot shrink the photo");return o}let{name:n,low:i,high:c}=s.step;if(n!=="shrink")return o;if(i!==c||!Number.isInteger(i))throw F(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw F(e,"its alternatives shrink the photo differently");return t[0]}function Mt({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function va(r,e){if(e.uniform()<ma)return[];let t=e.uniform()*r.reduce((i,{weight:c})=>i+c,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,s=e.shuffled(r.filter((i,c)=>c===o||e.uniform()<fa)),n=s.findIndex(i=>i.name==="jpeg");return n>=0&&e.uniform()<ha&&s.push(...s.splice(n,1)),s.map(i=>Mt(i,e))}function Ct(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw F(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw F(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function wa(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:Ct(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return qe(a,e);let s=Number(o[2]);if(s===0)throw F(e,`'${a}' has the weight 0`);return{...qe(o[1],e),weight:s}})}:{step:qe(r,e)}}function qe(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw F(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,s=o]=t;if(!Object.hasOwn(je,a))throw F(e,`there is no step '${a}'`);let n=je[a],i=Number(o),c=Number(s);if(i>c)throw F(e,`'${r}' has its range the wrong way round`);if(i<n.low||c>n.high)throw F(e,`'${r}' is outside ${n.low}..${n.high} (${n.meaning})`);return{name:a,low:i,high:c,weight:1}}function ba(r){let e=({name:t,low:a,high:o,weight:s})=>`${t}:${a===o?pe(a):`${pe(a)}-${pe(o)}`}${s===1?"":`*${pe(s)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function pe(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function F(r,e){let t=Object.values(je).map(({example:a,meaning:o,low:s,high:n})=>`${a} (${o}, ${s}..${n})`);return new k(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(ke).join(", ")}`,{exitCode:2})}var x=class extends Error{name="GpuError"},G=class extends x{name="GpuOutOfMemoryError"},Y=class extends x{name="GpuLostError"};var He={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
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
`,add_grad_both:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy and db = activation_slope(b) * dy, elementwise
// over vec4 f32; added to what da or db holds where params.accumulate_a or accumulate_b is set. An invocation owns one vec4.
struct Params { count: i32, accumulate_a: i32, accumulate_b: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> da: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  var to_a = gradient * slope_as(a[index], params.activation_a);
  if (params.accumulate_a != 0) { to_a += da[index]; }
  da[index] = to_a;
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate_b != 0) { to_b += db[index]; }
  db[index] = to_b;
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
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)] f32; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> activated: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> vec4f {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: vec4f;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)];
  }
  return select(vec4f(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(w[at], w[at + params.out4], w[at + 2 * params.out4], w[at + 3 * params.out4]);
  return Four(
    select(vec4f(), v.v0, inside),
    select(vec4f(), v.v1, inside),
    select(vec4f(), v.v2, inside),
    select(vec4f(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    y[at] = activate_as(value, params.activation);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  } else {
    y[at] = value;
  }
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Four) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var s = Sums();
  if (MODE == 1u) {
    let b0 = bias[min(o0 + o, params.target4 - 1)];
    let b1 = bias[min(o0 + o + ACROSS_N, params.target4 - 1)];
    s = Sums(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(n, far, first, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(n, far, first, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
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
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8 and conv2d_tile8x4.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 results, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, for the source's channels
// 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results for one tap.
struct Params {
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let half = index & 1;
  let row = index >> 1u;
  let source = row % params.source4;
  let place = row / params.source4;
  let tap = place % 9;
  let block = place / 9;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, params.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = params.source_first4 + source;
  let to = block * params.block_vec4s + row % (9 * params.source4) * 8 + half;
  if (FORWARD == 1u) {
    let at = (tap * params.in4 + channel) * 4 * params.out4 + kept;
    packed[to] = is * weight[at];
    packed[to + 2] = is * weight[at + params.out4];
    packed[to + 4] = is * weight[at + 2 * params.out4];
    packed[to + 6] = is * weight[at + 3 * params.out4];
  } else {
    let at = ((8 - tap) * params.in4 + params.first4 + kept) * 4 * params.out4 + channel;
    let v0 = is * weight[at];
    let v1 = is * weight[at + params.out4];
    let v2 = is * weight[at + 2 * params.out4];
    let v3 = is * weight[at + 3 * params.out4];
    packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
    packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
    packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
    packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
  }
  if (tap == 0 && source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * bias[kept]; }
    packed[block * params.block_vec4s + 72 * params.source4 + half] = value;
  }
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
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
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns; \`inside\` is false where there is none.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 1u) { return Place(index % tiles, index / tiles, index < tiles * params.blocks); }
  return Place(index, i32(group.z), index < tiles);
}

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
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c], inside && column == kept);
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
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
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
  for (var c = 0; c < params.in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
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
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
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

  for (var c = 0; c < params.in4; c++) {
    let first = block + c * 8;
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
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order, so the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> vec4f {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4];
  return select(vec4f(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> vec4f {
  let v = dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)];
  return select(vec4f(), v, column < params.out_width && o < params.out4);
}

// Stores four inputs of a tap by four outputs, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Four) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  partials[at] = f.v0;
  partials[at + params.out4] = f.v1;
  partials[at + 2 * params.out4] = f.v2;
  partials[at + 3 * params.out4] = f.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = vec4f();
    var b1 = vec4f();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
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
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
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

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
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
  var bias0 = vec4f();
  var bias1 = vec4f();

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
      bias0 += d00 + d10;
      bias1 += d01 + d11;
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
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
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
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<vec4f, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<vec4f, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn transposed(f: Four) -> Four {
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = tile_a[k * QUADS + m];
    let a1 = tile_a[k * QUADS + m + ACROSS_M];
    let b0 = tile_b[k * COLUMNS + n];
    (*s).s0 = fma(vec4f(a0.x), b0, (*s).s0);
    (*s).s1 = fma(vec4f(a0.y), b0, (*s).s1);
    (*s).s2 = fma(vec4f(a0.z), b0, (*s).s2);
    (*s).s3 = fma(vec4f(a0.w), b0, (*s).s3);
    (*s).s4 = fma(vec4f(a1.x), b0, (*s).s4);
    (*s).s5 = fma(vec4f(a1.y), b0, (*s).s5);
    (*s).s6 = fma(vec4f(a1.z), b0, (*s).s6);
    (*s).s7 = fma(vec4f(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N];
      (*s).t0 = fma(vec4f(a0.x), b1, (*s).t0);
      (*s).t1 = fma(vec4f(a0.y), b1, (*s).t1);
      (*s).t2 = fma(vec4f(a0.z), b1, (*s).t2);
      (*s).t3 = fma(vec4f(a0.w), b1, (*s).t3);
      (*s).t4 = fma(vec4f(a1.x), b1, (*s).t4);
      (*s).t5 = fma(vec4f(a1.y), b1, (*s).t5);
      (*s).t6 = fma(vec4f(a1.z), b1, (*s).t6);
      (*s).t7 = fma(vec4f(a1.w), b1, (*s).t7);
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
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
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
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4]: tiles first .. first + count of the image, by rows.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = s.x0;
  v[at + (TILE + 2 + column) * step] = s.x1;
  v[at + (2 * (TILE + 2) + column) * step] = s.x2;
  v[at + (3 * (TILE + 2) + column) * step] = s.x3;
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = s.x4;
    v[at + (5 * (TILE + 2) + column) * step] = s.x5;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4] f32, tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4] f32.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

override FORWARD: u32 = 1u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = m[first + 4 * step];
    far5 = m[first + 5 * step];
  }
  return gather(m[first], m[first + step], m[first + 2 * step], m[first + 3 * step], far4, far5);
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate_as(value + added, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = bias[c]; }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles without workgroup memory, for adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of 16.
// An invocation owns 16 rows by 16 columns (64 vec4 accumulators): 32 loads for 256 multiply-adds of vec4s.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

// Sixteen rows of v.
fn rows(at: i32) -> Rows {
  return Rows(
    v[at + 0 * params.source4],
    v[at + 1 * params.source4],
    v[at + 2 * params.source4],
    v[at + 3 * params.source4],
    v[at + 4 * params.source4],
    v[at + 5 * params.source4],
    v[at + 6 * params.source4],
    v[at + 7 * params.source4],
    v[at + 8 * params.source4],
    v[at + 9 * params.source4],
    v[at + 10 * params.source4],
    v[at + 11 * params.source4],
    v[at + 12 * params.source4],
    v[at + 13 * params.source4],
    v[at + 14 * params.source4],
    v[at + 15 * params.source4],
  );
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(s: Rows, x: Rows, at: i32) -> Rows {
  let i0 = u[at];
  let i1 = u[at + params.target4];
  let i2 = u[at + 2 * params.target4];
  let i3 = u[at + 3 * params.target4];
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}

fn store(at: i32, s: Rows) {
  m[at + 0 * params.target4] = s.r0;
  m[at + 1 * params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
  m[at + 8 * params.target4] = s.r8;
  m[at + 9 * params.target4] = s.r9;
  m[at + 10 * params.target4] = s.r10;
  m[at + 11 * params.target4] = s.r11;
  m[at + 12 * params.target4] = s.r12;
  m[at + 13 * params.target4] = s.r13;
  m[at + 14 * params.target4] = s.r14;
  m[at + 15 * params.target4] = s.r15;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let across = (params.target4 + 3) / 4;
  let down = params.rows / 16;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  // Beyond the last column the one before is computed again, and not stored.
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let row = index / across * 16;
  let part = index / (across * down);

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  for (var c = 0; c < params.source4; c++) {
    let x = rows(row * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + o0);
    s1 = add(s1, x, at + o1);
    s2 = add(s2, x, at + o2);
    s3 = add(s3, x, at + o3);
  }
  let first = row * params.target4;
  store(first + o0, s0);
  if (o1 != o0) { store(first + o1, s1); }
  if (o2 != o1) { store(first + o2, s2); }
  if (o3 != o2) { store(first + o3, s3); }
}
`,winograd_weights:`// Weights of a 3×3 convolution for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs; u: [(TILE+2)²][4·source4][target4] vec4 over channels of the result.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> u: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

fn tap(index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return weight[(index * params.in4 * 4 + source) * params.out4 + result]; }
  let first = result * 4;
  return vec4f(
    turned(index, first, source), turned(index, first + 1, source),
    turned(index, first + 2, source), turned(index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = s.g0;
  u[first + step] = s.g1;
  u[first + 2 * step] = s.g2;
  u[first + 3 * step] = s.g3;
  if (TILE == 4) {
    u[first + 4 * step] = s.g4;
    u[first + 5 * step] = s.g5;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let size = params.source4 * 4 * params.target4;
  if (index >= size) { return; }
  let result = index % params.target4;
  let source = index / params.target4;
  let left = spread(tap(0, source, result), tap(3, source, result), tap(6, source, result));
  let middle = spread(tap(1, source, result), tap(4, source, result), tap(7, source, result));
  let right = spread(tap(2, source, result), tap(5, source, result), tap(8, source, result));
  store(0, index, size, left.g0, middle.g0, right.g0);
  store(1, index, size, left.g1, middle.g1, right.g1);
  store(2, index, size, left.g2, middle.g2, right.g2);
  store(3, index, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, index, size, left.g4, middle.g4, right.g4);
    store(5, index, size, left.g5, middle.g5, right.g5);
  }
}
`};function xa(r,e){let t=r.prelude??[];for(let s of t)if(e[s]===void 0)throw new x(`Cannot compile ${r.name}: the constant ${s} is not given`);let a=[...t.map(s=>`const ${s} = ${e[s]};
`),...(r.includes??[]).map(s=>He[s]),He[r.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([s])=>!t.includes(s)));return{code:a,overrides:o}}async function Et(r,e,t){let{code:a,overrides:o}=xa(e,t),s={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let n=r.createShaderModule({label:e.name,code:a}),i=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((l,p)=>({binding:p,visibility:GPUShaderStage.COMPUTE,buffer:{type:s[l]}}))}),c=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:n,entryPoint:"main",constants:o}}),u=await r.popErrorScope();if(u)throw new x(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${u.message}`);return{kernel:e,pipeline:c,layout:i}}var _a=200,ka=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Sa(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function Aa(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Ra(){Aa();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,s=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:s,vendor:a,architecture:o,software:ka.test(`${s} ${a} ${o}`),llvm:Sa(s),features:[...r.features].sort()}}}async function Nt(){let r=await Ra();if(!r)throw new k("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:o}=e,s=await e.requestDevice({requiredFeatures:a.filter(n=>e.features.has(n)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new Qe(s,t)}var Qe=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#s=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#s||(this.#a??=new Y(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new G(`The GPU is out of memory: ${o.message}`):new x(`The GPU refused a command: ${o.message}`)})}check(){if(this.#s)throw new x("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),_a),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new Y(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new G(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let s=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(s),this.#r+=o,this.#t=Math.max(this.#t,this.#r),s}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new x(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,o=this.#o.get(a);return o||Et(this.device,e,t).then(s=>(this.#o.set(a,s),s))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#s){this.#s=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function U(r){return r.reduce((e,t)=>e*t,1)}function M(r){return Math.ceil(r/4)*4}function A(r){return r.join("×")}function ae(r,e){return Math.ceil(r/e)}function H(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:s,down:n,up:i,residual:c,residualBlocks:u}=r,l=r.scale,p=[],d=[],m=(y,b,_,S,E,C=1,R=3)=>{p.push({op:"conv2d",name:y,inputs:b,output:y,kernel:R,stride:C,inChannels:_,outChannels:S,activation:E});let O=_.reduce((N,D)=>N+D,0);return d.push({name:`${y}.weight`,shape:[R,R,O,S]},{name:`${y}.bias`,shape:[S]}),y},f=(y,b,_)=>{let S=m(y,[b],[_],_,s);return u?(p.push({op:"add",inputs:[b,S],output:`${y}.sum`}),`${y}.sum`):S},h=t.length-1,g=[],v="image",w=e;for(let y=0;y<=h;y++){y>0&&(g.push(v),n==="stride"?(v=m(`down${y}`,[v],[w],t[y],s,2),w=t[y]):(p.push({op:"maxPool",input:v,output:`pool${y}`}),v=`pool${y}`)),v=m(`enc${y}.0`,[v],[w],t[y],s),w=t[y];for(let b=1;b<a[y];b++)v=f(`enc${y}.${b}`,v,w)}for(let y=h-1;y>=0;y--){p.push({op:"upsample",input:v,output:`up${y}`,mode:i}),v=m(`dec${y}.0`,[`up${y}`,g[y]],[w,t[y]],t[y],s),w=t[y];for(let b=1;b<o[y];b++)v=f(`dec${y}.${b}`,v,w)}if(v=m("out",[v],[w],e*l**2,"none"),l!==1&&(p.push({op:"pixelShuffle",input:v,output:"shuffled",factor:l}),v="shuffled"),c){let y="image";for(let b=2;b<=l;b*=2)p.push({op:"upsample",input:y,output:`image.x${b}`,mode:"bilinear"}),y=`image.x${b}`;p.push({op:"add",inputs:[y,v],output:"restored"}),v="restored"}return{nodes:p,parameters:d,output:v}}var Ta=[1,2,4];function Se(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(u,l,p,d)=>{if(!Number.isInteger(l)||l<p||l>d)throw new RangeError(`Cannot make a U-Net: ${u} must be a whole number from ${p} to ${d}, got ${l}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let s={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(u,l)=>e*2**l),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!Ta.includes(s.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${s.scale}`);o("channels",s.channels,1,16);let{widths:n,encoderBlocks:i,decoderBlocks:c}=s;if(n.forEach(u=>o("a width",u,1,4096)),i.forEach(u=>o("a scale's encoder blocks",u,1,16)),c.forEach(u=>o("a scale's decoder blocks",u,1,16)),i.length!==n.length||c.length!==n.length-1)throw new RangeError(`Cannot make a U-Net: ${n.length} widths want ${n.length} encoder and ${n.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[u,l,p]of[["activation",s.activation,["none","relu","leaky-relu"]],["down",s.down,["max-pool","stride"]],["up",s.up,["nearest","bilinear"]]])if(!p.includes(l))throw new RangeError(`Cannot make a U-Net: ${u} must be one of ${p.join(", ")}, got ${l}`);return s}function Ae(r){return 2**(r.widths.length-1)}var Oa=.1,Ma=.5;function Ut(r,e){let t=H(r),a=new Map,o=new Set(t.nodes.flatMap(n=>n.op==="add"?[`${n.inputs[1]}.weight`]:[]));for(let n of t.nodes)n.op==="conv2d"&&a.set(`${n.name}.weight`,n.activation);let s=new Map;return t.parameters.forEach(({name:n,shape:i},c)=>{let u=new Float32Array(U(i)),l=a.get(n);if(l!==void 0){let p=l==="none"?1:l==="leaky-relu"?.1:0,d=U(i.slice(0,-1)),f=(n==="out.weight"&&r.residual?Oa:o.has(n)?Ma:1)*Math.sqrt(2/((1+p**2)*d)),h=new te(e,c);for(let g=0;g<u.length;g++)u[g]=f*h.normal()}s.set(n,u)}),s}var Ca=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function de(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Ca[(t^r[a])&255]^t>>>8;return~t>>>0}function $t(r){return Float32Array.from(r,e=>{let t=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:t*(1/0):t*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var oe={F32:4,F16:2},Ea=65504,Na=1e8,me="crc32",Je="00000000";function Gt(r){let e=[...r.tensors].map(([u,l])=>({name:u,...l,dtype:l.dtype??"F32"})).sort((u,l)=>oe[l.dtype]-oe[u.dtype]),t={__metadata__:{...r.metadata,[me]:Je}},a=0;for(let{name:u,shape:l,data:p,dtype:d}of e){if(p.length!==U(l))throw new RangeError(`Cannot store tensor "${u}": shape ${A(l)} has not ${p.length} values`);if(u==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${u}"`);let m=a+p.length*oe[d];t[u]={dtype:d,shape:l,data_offsets:[a,m]},a=m}let o=new TextEncoder().encode(JSON.stringify(t)),s=Math.ceil(o.length/8)*8,n=new Uint8Array(8+s+a);new DataView(n.buffer).setUint32(0,s,!0),n.fill(32,8,8+s),n.set(o,8);let i=8+s;for(let{name:u,data:l,dtype:p}of e){if(p==="F32")n.set(new Uint8Array(l.buffer,l.byteOffset,l.byteLength),i);else{let d=Ga(l,u);n.set(new Uint8Array(d.buffer),i)}i+=l.length*oe[p]}let c=Lt(n,s);return n.set(new TextEncoder().encode(Bt(de(n))),c),n}function Ft(r,e){let t=h=>{throw new k(`Cannot read ${se(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>Na&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let s=Ua(r.subarray(8,8+o),t),{__metadata__:n={},...i}=s;(!Ye(n)||Object.values(n).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let c=r.subarray(8+o),u=[],l=new Map,p=Object.entries(i).map(([h,g])=>{let v=$a(h,g,c.length,t);return u.push(v),{tensor:h,...v}});u.sort((h,g)=>h.begin-g.begin||h.end-g.end);let d=0;for(let{begin:h,end:g}of u)h!==d&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,d)}; the file is damaged`),d=g;d!==c.length&&t(`its tensors fill ${d} bytes, but ${c.length} follow the header; the file is damaged`),Ia(r,o,n,t);for(let{tensor:h,dtype:g,shape:v,begin:w,end:y}of p){let b=c.slice(w,y).buffer,_=g==="F32"?new Float32Array(b):$t(new Uint16Array(b));l.set(h,{dtype:g,shape:v,data:_})}let{[me]:m,...f}=n;return{tensors:l,metadata:f}}function Ua(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return Ye(t)?t:e("its header is no JSON object; the file is damaged")}function $a(r,e,t,a){let o=l=>a(`tensor ${se(r)} has ${l}; the file is damaged`);if(!Ye(e))return o("no description");let{dtype:s,shape:n,data_offsets:i}=e;if(s!=="F32"&&s!=="F16")return a(`tensor ${se(r)} is of type ${se(String(s))}; only F32 and F16 can be read`);if(!Array.isArray(n)||!n.every(It))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(It))return o("no valid offsets");let[c,u]=i;return u<c?o(`offsets ${c} to ${u}`):u>t?a(`tensor ${se(r)} ends at byte ${u} of the data, but the file holds ${t}; it is truncated or damaged`):u-c!==U(n)*oe[s]?o(`${u-c} bytes, but shape ${A(n)} of ${s} takes ${U(n)*oe[s]}`):{dtype:s,shape:n,begin:c,end:u}}function Ia(r,e,t,a){if(!Object.hasOwn(t,me))return;let o=Lt(r,e);if(o!==void 0){let s=new TextEncoder().encode(Je),n=r.subarray(o+s.length),i=de(n,de(s,de(r.subarray(0,o))));if(Bt(i)===t[me])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Lt(r,e){let t=new TextEncoder().encode(`"${me}":"`),a=8+e-t.length-Je.length;for(let o=8;o<=a;o++)if(t.every((s,n)=>r[o+n]===s))return o+t.length}function Ga(r,e){let t=new Float16Array(r),a=t.findIndex((o,s)=>!Number.isFinite(o)&&Number.isFinite(r[s]));if(a>=0)throw new k(`Cannot store tensor ${se(e)} as F16: the value ${r[a]} is beyond ±${Ea}; store it as F32`);return t}function se(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Bt=r=>r.toString(16).padStart(8,"0"),It=r=>Number.isSafeInteger(r)&&r>=0,Ye=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var Xe="clairnet-1",Ze=["name","recipe","loss","data","created","version","license","note"],Dt=["seed","steps"];function Re(r={}){return{...Object.fromEntries(Ze.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function Kt(r,e={}){let{topology:t,parameters:a}=r,o=new Map,s=H(t).parameters;for(let{name:n,shape:i}of s){let c=a.get(n);if(!c)throw new RangeError(`Cannot store the model: parameter "${n}" is missing`);zt(c,`Cannot store the model: parameter "${n}"`),o.set(n,{shape:i,data:c,dtype:e.dtype??"F32"})}if(a.size!==s.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${s.length}`);for(let[n,i]of e.tensors??[]){if(!n.includes("/"))throw new RangeError(`Cannot store extra tensor "${n}": its name must hold a "/"`);o.set(n,i)}return Gt({tensors:o,metadata:{...e.metadata,...Fa(r)}})}function Fa({topology:r,info:e}){let t={format:Xe,topology:JSON.stringify(r)};for(let a of Ze)t[a]=e[a];for(let a of Dt)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function et(r,e){return La(Ft(r,e),e)}function La(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==Xe||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new k(`${t}: its metadata has ${i}, where Clairnet's models have "${Xe}"`)}let s=Ba(a.topology,t),n=new Map;for(let{name:i,shape:c}of H(s).parameters){let u=o.get(i);if(!u)throw new k(`${t}: tensor "${i}" (${A(c)}) is missing`);if(A(u.shape)!==A(c))throw new k(`${t}: tensor "${i}" has shape ${A(u.shape)}, but its topology wants ${A(c)}`);zt(u.data,`${t}: tensor "${i}"`),n.set(i,u.data)}for(let i of o.keys())if(!n.has(i)&&!i.includes("/"))throw new k(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:s,parameters:n,info:Da(a,t)}}function zt(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new k(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function Ba(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:c,residual:u,residualBlocks:l,scale:p}=JSON.parse(r);for(let[d,m]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:s}))if(!Array.isArray(m))throw new RangeError(`${d} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[d,m]of Object.entries({residual:u,residualBlocks:l}))if(typeof m!="boolean")throw new RangeError(`${d} is neither true nor false`);for(let[d,m]of Object.entries({activation:n,down:i,up:c}))if(typeof m!="string")throw new RangeError(`${d} is no word`);return Se({channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:c,residual:u,residualBlocks:l,scale:p??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new k(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function Da(r,e){let t={};for(let a of Ze)t[a]=r[a]??"";for(let a of Dt){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new k(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,s])=>[o,Number(s)]);t.metrics=Object.fromEntries(a)}catch(a){throw new k(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Wt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var Ka=.999,za=500;function Vt(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(za,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Wt(r,{peak:e,warmup:o,steps:t}),ema:Wa(r)}}function Wa(r){return Math.min((1+r)/(10+r),Ka)}function qt(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((s,n)=>n).sort((s,n)=>r[n].bytes-r[s].bytes||r[s].first-r[n].first);for(let s of o){let n=r[s],i=t.findLastIndex(c=>c.every(u=>!Va(u,n)));i<0&&(i=e.push(n.bytes)-1,t.push([])),t[i].push(n),a[s]=i}return{assignment:a,sizes:e}}function Va(r,e){return r.first<=e.last&&e.first<=r.last}function jt(r,e){return e==="flat"?U(r)*4:U(r.slice(0,-1))*M(r[r.length-1])*4}function Te(r,e,t){let a=M(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,s=t??new Float32Array(o*a);for(let n=0,i=0,c=0;n<o;n++,c+=a-e)for(let u=0;u<e;u++)s[c++]=r[i++];return s}function fe(r,e){let t=M(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let s=0,n=0,i=0;s<a;s++,n+=t-e)for(let c=0;c<e;c++)o[i++]=r[n++];return o}var V=64,qa=65535,X=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(n=>!Number.isInteger(n)||n<1))throw new x(`Cannot record the tensor ${t}: its shape ${A(e)} must have positive extents`);let o=a.layout??"image",s={id:this.tensors.length,name:t,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:jt(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(s),s}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new x(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let n=e.params.map(l=>l.split(":")[0]).find(l=>a.params[l]===void 0);if(n)throw new x(`Cannot record ${e.name}: the parameter ${n} is not given`);let i=o.filter(l=>e.bindings[l]==="read_write").map(l=>L(t[l]).tensor);for(let l of o){let{tensor:p}=L(t[l]);if(e.bindings[l]!=="read_write"?i.includes(p):i.filter(d=>d===p).length>1)throw new x(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let[c,u]=ja(Math.ceil(a.invocations/(a.workgroup??V)));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[c,u,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}gradientInput(e,t){this.#r.set(t,{gradient:this.input(e,t.shape),written:!0})}backward(){for(let e of this.#e.splice(0).reverse())e()}};function ja(r){let e=Math.max(1,Math.ceil(r/qa));return[Math.max(1,Math.ceil(r/e)),e]}function L(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function $(r){return r.bytes/16}function Ht(r){return U(r.shape)}function Qt({kernel:r,bindings:e,params:t}){let a=Number(t.accumulate??0)!==0;return Object.entries(e).reduce((o,[s,n])=>{let i=r.bindings[s]==="read_write"&&(a||r.updates?.includes(s));return o+L(n).size*(i?2:1)},0)}var Jt=2048,Ha=60,Yt=new WeakMap;function Qa(r){return r.device.features.has("timestamp-query")}async function Xt(r,e){if(!Qa(r))throw new x("Cannot profile: the adapter has no timestamp queries");let t=await Ja(r),a=[];for(let o=0;o<e.length;o+=Jt){let s=await Zt(r,e.slice(o,o+Jt));for(let n=0;n<s.length;n+=2)a.push(Math.max(0,Number(s[n+1]-s[n])*t))}return a}async function Zt(r,e){let{device:t}=r,a=e.length*2,o=t.createQuerySet({type:"timestamp",count:a}),s=r.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),n=r.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=t.createCommandEncoder();return e.forEach((c,u)=>{let l=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});c(l),l.end()}),i.resolveQuerySet(o,0,a,s,0),i.copyBufferToBuffer(s,0,n,0,a*8),t.queue.submit([i.finish()]),await n.mapAsync(GPUMapMode.READ),r.check(),new BigUint64Array(n.getMappedRange(0,a*8).slice(0))}finally{for(let i of[s,n])r.release(i);o.destroy()}}function Ja(r){let e=Yt.get(r);return e||Yt.set(r,e=Ya(r)),e}async function Ya(r){let e=async()=>{let o=performance.now(),[s]=await Zt(r,[()=>{}]);return{now:o,start:s}};await e();let t=await e();await new Promise(o=>setTimeout(o,Ha));let a=await e();return Xa(Number(a.start-t.start),(a.now-t.now)*1e6)}function Xa(r,e){let t=e/r;return r>0&&(t<.5||t>2)?t:1}function er(r,{compiled:e,group:t,dispatch:a}){r.setPipeline(e.pipeline),r.setBindGroup(0,t),r.dispatchWorkgroups(...a.workgroups)}var tt=256;async function he(r,e){let t=performance.now();try{return await Za(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function Za(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:p,constants:d}of e.dispatches)a.push(await r.kernel(p,d));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],s=(p,d,m)=>{let f=r.buffer(p,d,m);return o.push(f),f},n=()=>o.forEach(p=>r.release(p)),i,c;try{let p=eo(e,s),d=new DataView(new ArrayBuffer(e.dispatches.length*tt));e.dispatches.forEach(({kernel:h,params:g},v)=>{h.params.forEach((w,y)=>{let[b,_]=w.split(":"),S=v*tt+y*4;_==="f32"?d.setFloat32(S,g[b],!0):d.setInt32(S,g[b],!0)})});let m=s("uniforms",Math.max(d.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(d.buffer));let f=e.dispatches.map((h,g)=>({dispatch:h,compiled:a[g],group:t.createBindGroup({label:h.label,layout:a[g].layout,entries:[{binding:0,resource:{buffer:m,offset:g*tt,size:h.kernel.params.length*4}},...Object.values(h.bindings).map((v,w)=>{let{tensor:y,offset:b,size:_}=L(v);return{binding:w+1,resource:{buffer:p.get(y),offset:b,size:_}}})]})}));i=new rt(r,e,f,p,o)}catch(p){c=p}let u=await t.popErrorScope(),l=await t.popErrorScope();if(u?c=new G(`The GPU is out of memory for a plan: ${u.message}`):l&&(c??=new x(`Cannot build a plan: ${l.message}`)),c)throw n(),c;return i}function eo(r,e){let t=new Map,a=new Map;r.dispatches.forEach((l,p)=>{for(let d of Object.values(l.bindings)){let{tensor:m}=L(d);t.has(m)||t.set(m,p),a.set(m,p)}});for(let l of r.outputs.values())a.set(l,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,s=new Map,n=r.tensors.filter(l=>{if(l.external)s.set(l,l.external);else if(l.lifetime==="persistent")s.set(l,e(l.name,l.bytes,o));else return t.has(l);return!1}),{assignment:i,sizes:c}=qt(n.map(l=>({bytes:l.bytes,first:t.get(l),last:a.get(l)}))),u=c.map((l,p)=>e(`shared ${p}`,l,o));return n.forEach((l,p)=>s.set(l,u[i[p]])),s}var rt=class{#e;#r;#t;#o;#a;#s=new Map;#n=new Map;#i=!0;constructor(e,t,a,o,s){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=s}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new x(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),s=t;if(a.layout==="image"){let n=a.shape[a.shape.length-1],i=this.#n.get(e);if(i||this.#n.set(e,i=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((c,u)=>c*u,1))throw new x(`Cannot write ${e}: it is ${A(a.shape)}, got ${t.length} values`);s=Te(t,n,i)}this.#e.write(this.#o.get(a),0,s),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||er(a,o);a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new x(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,s=this.#s.get(e)??await this.#c(e,t),n=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#o.get(t),0,s,0,t.bytes),a.queue.submit([i.finish()]);try{await s.mapAsync(GPUMapMode.READ)}catch(p){throw this.#e.check(),p}let c=performance.now();o.compute+=(c-n)/1e3;let u=new Float32Array(s.getMappedRange(0,t.bytes).slice(0));s.unmap(),this.#e.check();let l=t.layout==="image"?fe(u,t.shape[t.shape.length-1]):u;return o.download+=(performance.now()-c)/1e3,l}async#c(e,t){let{device:a}=this.#e;a.pushErrorScope("out-of-memory");let o=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(o);let s=await a.popErrorScope();if(s)throw new G(`The GPU is out of memory to read ${e}: ${s.message}`);return this.#s.set(e,o),o}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([s,n])=>`${s} ${L(n).tensor.name} ${A(L(n).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#i),t=await Xt(this.#e,e.map(a=>o=>er(o,a)));return this.#i=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:t[o]/1e6,flops:a.flops,bytes:Qt(a)}))}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var tr={none:0,relu:1,"leaky-relu":2};function rr(r){return tr[r]}var ar=new WeakMap;function or(r,e){ar.set(r,e)}function at(r){return ar.get(r)??"none"}function K(r,e){let t=at(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:tr[t]}}}var to={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},ro={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},ao={name:"add_grad_both",params:["count","accumulate_a","accumulate_b","activation_a","activation_b"],bindings:{dy:"read",a:"read",b:"read",da:"read_write",db:"read_write"},includes:["activation"]};function sr(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record add "${a}": its terms are ${A(e.shape)} and ${A(t.shape)}`);let s=r.tensor(e.shape,a),n=$(s);return r.within(a,()=>{r.dispatch(to,{a:e,b:t,y:s},{params:{count:n},invocations:n}),r.gradient(s,i=>{let c=[e,t].filter(p=>!o.has(p)).map(p=>({...r.gradientOf(p),...K(p,i)})),[u,l]=c;if(l&&e!==t){r.dispatch(ao,{dy:i,a:u.activated,b:l.activated,da:u.gradient,db:l.gradient},{params:{count:n,accumulate_a:Number(u.accumulate),accumulate_b:Number(l.accumulate),activation_a:u.constants.ACTIVATION,activation_b:l.constants.ACTIVATION},invocations:n});return}for(let{gradient:p,accumulate:d,activated:m,constants:f}of c)r.dispatch(ro,{dy:i,activated:m,dx:p},{params:{count:n,accumulate:Number(d)},constants:f,invocations:n})})}),s}var T=r=>"upsampled"in r?r.upsampled:r,I=r=>"upsampled"in r?1:0,P=r=>M(r.shape[3])/4;function ot(r){let{shape:e}=T(r),t=1<<I(r);return[e[1]*t,e[2]*t]}function st(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new x(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,s]=ot(r[0]),n=T(r[0]).shape[0];for(let i of r){let[c,u]=ot(i),{shape:l}=T(i);if(l.length!==4||c!==o||u!==s||l[0]!==n)throw new x(`Cannot record conv2d "${e}": its inputs are ${A(T(r[0]).shape)} and ${A(l)}`)}if(r.length===2&&I(r[1]))throw new x(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[n,ae(o,t),ae(s,t),a]}function nr(r,e){let[t,a]=ot(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,s)=>o+P(T(s)),0),out4:P(e)}}function ir(r,e,{name:t,kernel:a,outChannels:o}){let s=r.map(c=>T(c).shape[3]),n=e.specs.find(c=>c.name===`${t}.weight`),i=[a,a,s.reduce((c,u)=>c+u,0),o];if(!n||n.shape.join()!==i.join()||(n.sources??[i[2]]).join()!==s.join())throw new x(`Cannot record conv2d "${t}": input has ${s.join(" + ")} channels, so the weight is ${A(i)}; got ${n?A(n.shape):"none"}`)}function z({batch:r,out_height:e,out_width:t,options:a,sources:o},s){let n=s??o.reduce((i,c)=>i+T(c).shape[3],0);return 2*r*e*t*a.kernel**2*n*a.outChannels}function Q(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function Oe(r){return Math.ceil((72*r+2)/16)*16}function Me(r){return Math.floor(65536/(Oe(r)*16))}var cr={old:16,new:8,gpu:16},oo=512;function so(r,e,t){let{llvm:a,software:o}=r,{batch:s,height:n,width:i,kernel:c,stride:u}=e,l=Math.min(e.in4,e.out4),p=c===3&&u===1&&t!=="weight-gradient";if(o){if(a===void 0)return"tile8";let d=a<19;return p&&l>=cr[d?"old":"new"]?"winograd4_tile16":d?"tile8x4":"tile8"}return t==="weight-gradient"?"gemm":p&&l>=cr.gpu?"winograd4":s*n*i/u**2/128>=oo?"gemm128":"gemm"}function Pe(r,e,t){if(r==="naive"||r==="gemm"||r==="gemm128")return!0;if(e.kernel!==3||e.stride!==1)return!1;let a=r.startsWith("winograd");return t==="weight-gradient"?!a:a||Oe(t==="forward"?e.in4:e.out4)*16<=65536}function lr(r,e,t,a){let o=r==="auto"?so(e,t,a):r;return Pe(o,t,a)?o:o==="winograd4_tile16"&&Pe("tile8",t,a)?"tile8":o==="winograd2"||o==="winograd4"?"gemm":"naive"}var io=4;function pr(r,e){let{batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:c}=r;return`${e} ${t}×${a}×${o} ${s}→${n} ${i}×${i} /${c}`}function co(r){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)$/.exec(r);if(!e)return;let[t,a,o,s,n,i,c]=e.slice(2).map(Number),u=e[1],l={batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:c};return pr(l,u)===r?{layer:l,role:u}:void 0}function dr(r,e,t){if(r.size===0)return"auto";let a=r.get(pr(e,t))??lo(r,e,t);return a!==void 0&&Pe(a,e,t)?a:"auto"}function lo(r,e,t){let a;for(let[o,s]of r){let n=co(o);if(n?.role!==t||!uo(n.layer,e))continue;let i=Math.abs(Math.log(ur(n.layer)/ur(e)));i<=Math.log(io)&&i<(a?.distance??1/0)&&(a={variant:s,distance:i})}return a?.variant}function uo(r,e){return r.in4===e.in4&&r.out4===e.out4&&r.kernel===e.kernel&&r.stride===e.stride}function ur({batch:r,height:e,width:t}){return r*e*t}var po={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4"]},mo=0,fo=1,ho=2,go=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],nt={M:128,N:64,VECS:2};function it(r){let e=({N:t})=>Math.ceil(r/t)*(t+8);return go.reduce((t,a)=>e(a)<e(t)?a:t)}function mr(r,e,t){let{batch:a,in4:o,out4:s,kernel:n,weight:i,bias:c}=r,u=e.role==="forward",[l,p]=u?[r.out_height,r.out_width]:[r.height,r.width],[d,m=d]=e.sources.map(T),f=u?1:r.stride;hr(r.rec,{a:d,b:m,w:i,bias:c,activated:e.activated,y:e.target},{batch:a,rows:l,columns:p,height:u?r.height:r.out_height*f,width:u?r.width:r.out_width*f,a4:P(d),b4:e.sources[1]?P(m):0,shift:u?I(e.sources[0]):f-1,holes:f-1,target4:P(e.target),in4:o,out4:s,first4:e.first4,kernel:n,stride:u?r.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:u?fo:mo,large:t,flops:u?z(r):z(r,e.target.shape[3])})}function fr(r,{v:e,u:t,m:a},{batch:o,rows:s,source4:n,target4:i}){hr(r,{a:e,b:e,w:t,bias:e,activated:e,y:a},{batch:o,rows:s/8,columns:8,height:s/8,width:8,a4:n,b4:0,shift:0,holes:0,target4:i,in4:n,out4:i,first4:0,kernel:1,stride:1,batch_weights:n*4*i,accumulate:0,activation:0},{mode:ho,large:s%nt.M===0,flops:2*o*s*n*4*i*4})}function hr(r,e,t,{mode:a,large:o,flops:s}){let{batch:n,rows:i,columns:c,a4:u,b4:l,target4:p}=t,d=it(p*4),m=o&&d.N===nt.N?nt:d,f=m.N===16||u+l===1?1:2,h=n*Math.ceil(i/(m.M/8))*Math.ceil(c/8);r.dispatch(po,e,{params:t,constants:{...m,K4:f,MODE:a},invocations:h*V,groups:Math.ceil(p*4/m.N),flops:s})}function gr(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"],prelude:["WORKGROUP"]}}var yr=gr("conv2d_tile8"),vr=gr("conv2d_tile8x4"),wr={name:"conv2d_pack",params:["in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},br={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},xr={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},_r={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},prelude:["WORKGROUP"]},kr={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Sr={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function Ar(r,e){let{rec:t,options:a,weight:o,bias:s}=r,{kernel:n,stride:i}=a;if(e.role==="forward"){let[d,m=d]=e.sources.map(T);t.dispatch(br,{a:d,b:m,w:o,bias:s,y:e.target},{params:{...Q(r,["batch","height","width","out_height","out_width","out4"]),a4:P(d),b4:e.sources[1]?P(m):0,a_shift:I(e.sources[0]),kernel:n,stride:i},constants:{ACTIVATION:e.activation},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:z(r)});return}let{target:c,activated:u,first4:l}=e,p=P(c);t.dispatch(xr,{dy:T(e.sources[0]),w:o,activated:u,dx:c},{params:{...Q(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:p,first4:l,kernel:n,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:r.batch*r.height*r.width*p,flops:z(r,c.shape[3])})}var ct={tile8:{height:1,step:2,added:4,dispatch:30},tile8x4:{height:4,step:5,added:15,dispatch:30}},ne=8,lt=globalThis.navigator?.hardwareConcurrency??2;function Rr(r,e,t,a,o=lt){let{step:s,added:n,dispatch:i}=ct[a],c=r,u=1/0;for(let l=1;l<=r;l++){let p=Math.ceil(r/l),d=Me(p);if(d<1)continue;let m=0;for(let f=0;f<e;f+=d){let h=t*Math.min(d,e-f);m+=l*i+Math.ceil(h/(ne*o))*(r*s+(l-1)*n)}m<u&&([u,c]=[m,p])}return c}var yo=0,vo=1,wo=2;function Pr(r,e,t){let a=P(e.target),o=Math.ceil(a/2),s=r.batch*Math.ceil(r.height/ct[t].height)*Math.ceil(r.width/8),n=[],i=0;for(let c of e.sources){let u=P(T(c)),l=r.software?Rr(u,o,s,t):u;for(let p=0;p<u;p+=l)n.push({source:c,first4:p,in4:Math.min(l,u-p),place4:i+p});i+=u}n.forEach((c,u)=>bo(r,e,t,c,{tiles:s,blocks:o,first:u===0,last:u===n.length-1}))}function bo(r,e,t,{source:a,first4:o,in4:s,place4:n},{tiles:i,blocks:c,first:u,last:l}){let{rec:p,batch:d,height:m,width:f,software:h}=r,g=e.role==="forward",v=T(a),w=P(e.target),y=Oe(s),b=Me(s),_=!p.training,S=Math.floor((c-1)/b)*b*y*16,E=p.tensor([(S+65536)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:_?"persistent":"planned"});p.dispatch(wr,{weight:r.weight,bias:r.bias,packed:E},{params:{in4:r.in4,out4:r.out4,source4:s,source_first4:n,target4:w,first4:e.first4,block_vec4s:y,count:c*18*s},constants:{FORWARD:Number(g)},invocations:c*18*s,once:_});let C=h?ne:V;for(let R=0;R<c;R+=b){let O=Math.min(b,c-R);p.dispatch(t==="tile8x4"?vr:yr,{x:v,w:{tensor:E,offset:R*y*16,size:65536},activated:e.activated,y:e.target},{params:{batch:d,height:m,width:f,x4:P(v),first4:o,in4:s,shift:I(a),out4:w,first_block:R,blocks:O,block_vec4s:y,accumulate:Number(e.accumulate||!u),activation:l||!g?e.activation:0},constants:{MODE:g?u?vo:wo:yo,BLOCKS_IN_LANES:Number(h),WORKGROUP:C},invocations:h?i*O:i,groups:h?1:O,workgroup:C,flops:18*d*m*f*s*4*Math.min(O*8,(w-R*2)*4)})}}var xo={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function B(r,e,t,a,o=!1){let s=L(t).size/16;r.dispatch(xo,{partials:e,total:t},{params:{count:s,slices:a,accumulate:Number(o)},invocations:s})}function q(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var _o={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across"],bindings:{x:"read",dy:"read",partials:"read_write"},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},ko=512,So=256;function Or(r,e,t){let{rec:a,options:o,in4:s,out4:n,kernel:i,stride:c}=r,u=i**2,l=it(n*4),p=Math.ceil(n*4/l.N),d=w=>Math.ceil(u*w*4/l.M)*p,m=Math.min(Math.ceil(ko/d(s)),So),{slices:f,each:h}=q(r.batch*r.out_height,m),g=a.tensor([f,u,s*4,n*4],`${o.name}.weight partials`,{layout:"flat"}),v=0;for(let w of r.sources){let y=T(w),b=P(y);a.dispatch(_o,{x:y,dy:e,partials:g},{params:{...Q(r,["batch","height","width","out_height","out_width"]),in4:b,out4:n,shift:I(w),first4:v,total4:s,rows:h,kernel:i,stride:c,across:p},constants:{...l,K4:2},invocations:d(b)*V,groups:f,flops:z(r,y.shape[3])}),v+=b}B(a,g,t.range(a,`${o.name}.weight`,"gradients"),f)}var Ao=2048,Ro=16*ne*lt;function Mr(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function Cr(r,e,t,a){if(a!=="naive"&&a!=="tile8"&&a!=="tile8x4")return Or(r,e,t),!1;let{rec:o,options:s,in4:n,out4:i,software:c}=r,u=a!=="naive",l=s.kernel**2,{slices:p,each:d}=q(r.batch*r.out_height,Math.ceil((u&&c?Ro:Ao)/(u?Mr(n,i):n*i*l))),[m,f]=[`${s.name}.weight`,`${s.name}.bias`],h=u?t.span(o,m,f,"gradients"):void 0,g=h??t.range(o,m,"gradients"),v=h?g.size/16-i:0,w=o.tensor([p,g.size/4],`${s.name}.weight partials`,{layout:"flat"}),y=c?ne:V,b=0;for(let _ of r.sources){let S=T(_),E=P(S),C={out4:i,shift:I(_),in4:E,first4:b,total4:n,slices:p,rows:d},R=z(r,S.shape[3]);u?o.dispatch(_r,{x:S,dy:e,partials:w},{params:{...Q(r,["batch","height","width"]),...C,slice_vec4s:g.size/16,bias_at:b===0?v:0},constants:{WORKGROUP:y},invocations:Mr(E,i)*p,workgroup:y,flops:R}):o.dispatch(kr,{x:S,dy:e,partials:w},{params:{...Q(r,["batch","height","width","out_height","out_width"]),...C,kernel:s.kernel,stride:s.stride},invocations:l*E*i*p,flops:R}),b+=E}return B(o,w,g,p),h!==void 0}function Er(r,e,t){let{rec:a,options:o,out4:s}=r,n=r.batch*r.out_height*r.out_width,{slices:i,each:c}=q(n,Math.ceil(256/s)),u=a.tensor([i,s*4],`${o.name}.bias partials`,{layout:"flat"});a.dispatch(Sr,{dy:e,partials:u},{params:{pixels:n,out4:s,slices:i,slice_pixels:c},invocations:s*i}),B(a,u,t.range(a,`${o.name}.bias`,"gradients"),i)}var To={name:"winograd_weights",params:["in4","out4","source4","target4","first4"],bindings:{weight:"read",u:"read_write"},prelude:["TILE"]},Po={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},prelude:["TILE"]},Oo={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},includes:["activation"],prelude:["TILE"]},Mo={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"}},Nr={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},Co=32*2**20;function Eo(r,e,t,a){let o=Math.ceil(r/t),s=Math.max(1,Math.floor(a/(e*t)));return Math.ceil(o/Math.ceil(o/s))*t}function Ur(r,e,{tile:t,registers:a},o=Co){let{rec:s,batch:n,height:i,width:c,in4:u,out4:l,options:p}=r,d=e.sources.reduce((C,R)=>C+P(T(R)),0),m=P(e.target),f=(t+2)**2,h=+(e.role==="forward"),g=!s.training,v=s.tensor([f,d*4,m*4],`${p.name}.winograd weights`,{layout:"flat",lifetime:g?"persistent":"planned"});s.dispatch(To,{weight:r.weight,u:v},{params:{in4:u,out4:l,source4:d,target4:m,first4:e.first4},constants:{TILE:t,FORWARD:h},invocations:d*4*m,once:g});let[w,y]=[Math.ceil(c/t),Math.ceil(i/t)],b=n*w*y,_=Eo(b,f*(d+m)*16,a?16:64,o),S=s.tensor([f,_,d*4],`${p.name}.winograd inputs`,{layout:"flat"}),E=s.tensor([f,_,m*4],`${p.name}.winograd products`,{layout:"flat"});for(let C=0;C<b;C+=_){let R=Math.min(_,b-C),O={height:i,width:c,first:C,count:R,stored:_,across:w,down:y},N=0;for(let D of e.sources){let j=T(D),W=P(j);s.dispatch(Po,{x:j,v:S},{params:{...O,x4:W,first4:N,source4:d,shift:I(D)},constants:{TILE:t},invocations:R*W}),N+=W}a?s.dispatch(Mo,{v:S,u:v,m:E},{params:{parts:f,rows:_,source4:d,target4:m},invocations:f*(_/16)*Math.ceil(m/4),flops:2*f*_*d*4*m*4}):fr(s,{v:S,u:v,m:E},{batch:f,rows:_,source4:d,target4:m}),s.dispatch(Oo,{m:E,bias:r.bias,activated:e.activated,y:e.target},{params:{...O,target4:m,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:t,FORWARD:h},invocations:R*m})}}var No={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},Uo={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},$r=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:M(a)/4});function Ir(r,e,t,a="up",o=new Set){let[s,n,i,c]=e.shape,u=r.tensor([s,n*2,i*2,c],a);return r.within(a,()=>{r.dispatch(No,{x:e,y:u},{params:$r(e),constants:{BILINEAR:+(t==="bilinear")},invocations:$(u)}),o.has(e)?o.add(u):r.gradient(u,l=>ut(r,l,e,t))}),u}function ut(r,e,t,a){let{gradient:o,accumulate:s}=r.gradientOf(t),{activated:n,constants:i}=K(t,e);r.dispatch(Uo,{dy:e,activated:n,dx:o},{params:{...$r(t),accumulate:Number(s)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:$(t)})}function Gr(r,e,t,a,{variant:o="auto",withoutGradient:s=new Set}={}){let{name:n,kernel:i,stride:c,activation:u}=a,l=st(e,a);ir(e,t,a);let p=r.tensor(l,n);or(p,u);let d=t.range(r,`${n}.weight`),m=t.range(r,`${n}.bias`),{software:f}=t.adapter,h={rec:r,sources:e,options:a,y:p,weight:d,bias:m,kernel:i,stride:c,software:f,...nr(e,p)},g=v=>{let w=o==="auto"?dr(t.choices,h,v):o;return lr(w,t.adapter,h,v)};return r.within(n,()=>{pt(r,"forward",()=>{Fr(h,{role:"forward",sources:e,target:p,activation:rr(u),activated:T(e[0]),first4:0,accumulate:!1},g("forward"))}),r.gradient(p,v=>{pt(r,"weight-gradient",()=>{Cr(h,v,t,g("weight-gradient"))||Er(h,v,t)});let w=0;for(let y of e){let b=T(y);pt(r,"input-gradient",()=>{s.has(b)||$o(h,v,y,w,g("input-gradient"))}),w+=P(b)}})}),p}function pt(r,e,t){r.within(e,t)}function Fr(r,e,t){t==="naive"?Ar(r,e):t==="tile8"||t==="tile8x4"?Pr(r,e,t):t==="gemm"||t==="gemm128"?mr(r,e,t==="gemm128"):Ur(r,e,Nr[t])}function $o(r,e,t,a,o){let{rec:s}=r,n=T(t),i="upsampled"in t?s.tensor([r.batch,r.height,r.width,n.shape[3]],`d(${n.name} upsampled)`):void 0,{gradient:c,accumulate:u}=i?{gradient:i,accumulate:!1}:s.gradientOf(n),{activated:l,constants:p}=i?{activated:e,constants:{ACTIVATION:0}}:K(n,e);Fr(r,{role:"input-gradient",sources:[e],target:c,activation:p.ACTIVATION,activated:l,first4:a,accumulate:u},o),i&&ut(s,i,n,"nearest")}var Io={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Go={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Lr(r,e,t="pool"){let[a,o,s,n]=e.shape,i=M(n)/4,c=r.tensor([a,ae(o,2),ae(s,2),n],t),u=r.tensor([$(c)],`${t}.argmax`,{layout:"flat"}),l={batch:a,height:o,width:s,c4:i};return r.within(t,()=>{r.dispatch(Io,{x:e,y:c,argmax:u},{params:l,invocations:$(c)}),r.gradient(c,p=>{let{gradient:d,accumulate:m}=r.gradientOf(e),{activated:f,constants:h}=K(e,p);r.dispatch(Go,{dy:p,argmax:u,activated:f,dx:d},{params:{...l,accumulate:Number(m)},constants:h,invocations:$(e)})})}),c}var Br=["values","gradients","moment1","moment2","average"],Ce=64,Ee=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let o of t){let s=Dr(o);this.#r.set(o.name,{spec:o,offset:a,length:s}),a+=Math.ceil(s/Ce)*Ce}this.length=a}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,t,a="values"){let{offset:o,length:s}=this.#a(t);return{tensor:this.whole(e,a),offset:o*4,size:s*4}}span(e,t,a,o){let s=this.range(e,t,o),n=this.range(e,a,o);return Math.ceil((s.offset+s.size)/4/Ce)*Ce*4===n.offset?{...s,size:n.offset+n.size-s.offset}:void 0}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#s(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:s}of this.#r.values()){let n=e.get(o.name);if(!n||n.length!==U(o.shape))throw new x(`Cannot upload ${o.name}: it has ${U(o.shape)} values, got ${n?.length??"none"}`);a.set(Lo(n,o),s)}this.#e.write(this.#s(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let s=a.createCommandEncoder();s.copyBufferToBuffer(this.#s(e),0,o,0,t),a.queue.submit([s.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let n=new Float32Array(o.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:c,length:u})=>[i.name,Bo(n.subarray(c,c+u),i)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new x(`Cannot find the parameter ${e}`);return t}#s(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Fo(r){return r.reduce((e,t)=>e+M(t),0)}function Dr({shape:r,sources:e}){if(r.length===1)return M(r[0]);let[t,a,o,s]=r;return t*a*Fo(e??[o])*M(s)}function Lo(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],s=Te(r,o);if(t.length===1)return s;let n=M(o),i=new Float32Array(Dr(e));return Kr(t,a,(c,u)=>i.set(s.subarray(c*n,(c+1)*n),u*n)),i}function Bo(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return fe(r,o).slice(0,o);let s=M(o),n=new Float32Array(U(t.slice(0,-1))*s);return Kr(t,a,(i,c)=>n.set(r.subarray(c*s,(c+1)*s),i*s)),fe(n,o).slice()}function Kr(r,e,t){let a=r[0]*r[1],o=0,s=0;for(let n=0;n<a;n++)for(let i of e??[r[2]]){for(let c=0;c<i;c++)t(o++,s+c);s+=M(i)}}var Do={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},Ko={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function zr(r,e,t,a="shuffle"){let[o,s,n,i]=e.shape,c=i/t**2;if(!Number.isInteger(c))throw new x(`Cannot record pixel shuffle "${a}": ${A(e.shape)} has no multiple of ${t**2} channels`);let u=r.tensor([o,s*t,n*t,c],a),l={batch:o,height:s,width:n,channels:c,factor:t,x_c4:M(i)/4,y_c4:M(c)/4};return r.within(a,()=>{r.dispatch(Do,{x:e,y:u},{params:l,invocations:$(u)}),r.gradient(u,p=>{let{gradient:d,accumulate:m}=r.gradientOf(e),{activated:f,constants:h}=K(e,p);r.dispatch(Ko,{dy:p,activated:f,dx:d},{params:{...l,accumulate:Number(m)},constants:h,invocations:$(e)})})}),u}function ge(r,e){let t=H(e),a=new Map(t.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new Ee(r,t.parameters.map(o=>({...o,sources:a.get(o.name)})))}function ye(r,e,t,a,o={}){let s=Ae(t),[,n,i,c]=e.shape;if(n%s||i%s||c!==t.channels)throw new x(`Cannot record the U-Net: the image is ${n}×${i}×${c}, it takes multiples of ${s} and ${t.channels} channels`);let u=H(t),l=new Map([["image",e]]),p=new Set([e]),d=m=>{let f=l.get(m);if("upsampled"in f)throw new x(`Cannot record the U-Net: ${m} is read by more than a convolution`);return f};for(let m of u.nodes)if(m.op==="conv2d"){let f=m.inputs.map(h=>l.get(h));l.set(m.output,Gr(r,f,a,m,{...o,withoutGradient:p}))}else m.op==="maxPool"?l.set(m.output,Lr(r,d(m.input),m.output)):m.op==="add"?l.set(m.output,sr(r,d(m.inputs[0]),d(m.inputs[1]),m.output,p)):m.op==="pixelShuffle"?l.set(m.output,zr(r,d(m.input),m.factor,m.output)):m.mode==="nearest"?l.set(m.output,{upsampled:d(m.input)}):l.set(m.output,Ir(r,d(m.input),m.mode,m.output,p));return d(u.output)}var zo={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},Wo={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"},updates:["p","m","v","average"]};function Wr(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),s=$(o),{slices:n,each:i}=q(s,1024),c=r.tensor([n*4],"norm partials",{layout:"flat"}),u=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(zo,{g:o,partials:c},{params:{count:s,slice_vec4s:i,slices:n},invocations:n}),B(r,c,u,n);let[l,p,d,m]=["values","moment1","moment2","average"].map(f=>e.whole(r,f));r.dispatch(Wo,{now:a,g:o,norm:u,p:l,m:p,v:d,average:m},{params:{count:s},invocations:s})}),{squaredNorm:u}}function Vr(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:s=1e-8,decay:n=0,maxNorm:i=0,ema:c=.999}=r,u=l=>1/(1-Math.fround(l)**t);return Float32Array.of(e,a,o,s,u(a),u(o),n,i,c,0,0,0)}var Vo=["mse","l1","charbonnier"],qo={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32"],bindings:{y:"read",goal:"read",weights:"read",dy:"read_write",partials:"read_write"}},jo=1024;function qr(r,e,t,a,o){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record loss: output is ${A(e.shape)}, target is ${A(t.shape)}`);if(at(e)!=="none")throw new x(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new x(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let s=e.shape[e.shape.length-1],n=$(e),{slices:i,each:c}=q(n,jo),u=r.tensor([i*4],"loss partials",{layout:"flat"}),l=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{r.dispatch(qo,{y:e,goal:t,weights:o??t,dy:r.gradientOf(e).gradient,partials:u},{params:{count:n,c4:M(s)/4,channels:s,slice_vec4s:c,slices:i,image_vec4s:n/e.shape[0],scale:1/Ht(e)},constants:{KIND:Vo.indexOf(a),WEIGHTED:+(o!==void 0)},invocations:i}),B(r,u,l,i)}),l}var jr=Br.filter(r=>r!=="gradients"),Ne=class r{#e;#r;#t;#o;#a;#s;#n=0;#i;constructor(e,t,a,o){let{topology:s}=t;this.#o=e,this.#a=s,this.#s=t,this.#t=a,this.#e=o,this.#r=ge(e,s)}static async create(e,t){let{topology:a,batch:o,patch:s}=t,n=ge(e,a),i=new X({training:!0}),c=i.input("x",[o,s,s,a.channels]),u=s*a.scale,l=i.input("target",[o,u,u,a.channels]),p=ye(i,c,a,n),m=(t.balance??0)>0?i.scalars("weights",o):void 0,f=qr(i,p,l,t.loss,m);i.backward();let{squaredNorm:h}=Wr(i,n),g=i.scalars("total loss",4);B(i,f,g,1,!0),i.output("total loss",g),i.output("squared norm",h);try{let v=await he(e,i);return await Promise.all(["total loss","squared norm"].map(w=>v.read(w))),new r(e,t,v,n)}catch(v){throw n[Symbol.dispose](),v}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of jr)this.#e.upload(e[t],t);this.#l()}step(e,t){this.#c(e,t),this.#t.run(),this.#n++}async profile(e,t){return this.#c(e,t),this.#n++,await this.#t.profile()}#c(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#s;o>0&&this.#t.write("weights",Ho(e,a,o)),this.#t.write("adam",Vr(t))}async look(){let e=this.#n,t=Promise.all([this.#t.read("total loss"),this.#t.read("squared norm")]);this.#l();let[[a],[o]]=await t;return{loss:a/e,gradientNorm:Math.sqrt(o)}}async state(){let e={};for(let t of jr)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let l=new X({training:!1});l.output("y",ye(l,l.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await he(this.#o,l),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:s}=this.#i;s.refresh();let n=t*t*a,i=e.input.length/n,c=n*o**2,u=0;for(let l=0;l<i;l++){s.write("x",e.input.subarray(l*n,(l+1)*n)),s.run();let p=await s.read("y"),d=0;for(let m=0;m<c;m++)d+=(Math.min(Math.max(p[m],0),1)-e.target[l*c+m])**2;u+=Math.min(-10*Math.log10(d/c),60)}return u/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:Re({loss:this.#s.loss,...e})}}#l(){this.#t.write("total loss",new Float32Array(4)),this.#n=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function Ho({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),s=r.length/t;for(let n=0;n<t;n++){let i=0;for(let c=n*s;c<(n+1)*s;c++)i+=(r[c]-e[c])**2;o[n]=(.003/(i/s+5e-4))**a}return o}function Hr(){return self}function Ue(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var Qo=2e8,Jo=2048,$e=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],s=[],n=Math.min(Jo,Math.floor(Math.sqrt(Qo/Math.max(e.length,1))));for(let[i,c]of e.entries()){let u=c.webkitRelativePath||c.name;try{let{width:l,height:p,rgb:d}=await Yo(c,n);a.push({name:u,width:l,height:p}),o.push(d)}catch(l){s.push(`${u}: ${Ue(l)}`)}t(i+1,e.length)}if(a.length===0)throw new k(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,s)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function Yo(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,s]=[t.width,t.height].map(u=>Math.max(1,Math.round(u*a))),n=new OffscreenCanvas(o,s).getContext("2d",{willReadFrequently:!0});n.imageSmoothingQuality="high",n.drawImage(t,0,0,o,s),t.close();let{data:i}=n.getImageData(0,0,o,s),c=new Uint8Array(o*s*3);for(let u=0,l=0;l<c.length;u+=4,l+=3)c[l]=i[u],c[l+1]=i[u+1],c[l+2]=i[u+2];return{width:o,height:s,rgb:c}}var Xo=2,Ie=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=ge(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=new X({training:!1});o.output("restored",ye(o,o.input("image",e),this.topology,this.#r));let s=await he(this.#e,o);this.#t.set(t,s);for(let[n,i]of this.#t){if(this.#t.size<=Xo)break;this.#t.delete(n),i[Symbol.dispose]()}return s}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var Ge=class extends Error{name="TileTooLargeError"};function Zo(r){return r.software?256:1024}var Fe=class{topology;device;preferredTile;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=Zo(e.adapter),this.#e=e,this.#r=o.owned??!1,this.#t=new Ie(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let s=await this.#e.loss();throw s?new Y(s.message,{cause:o}):o instanceof G?new Ge(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function Qr(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var dt=4,es=96,ts=60,Le=class r{#e;#r;#t;#o;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#n(t.input);this.#o=o.indexOf(Math.min(...o))}static async draw(e,t){let a=Ae(t.topology),o=Math.ceil(es/a)*a;return new r(t.topology,await Tt(e,{...t,count:dt,size:o}),o)}async measure(e,t){var c=[];try{let a=ce(c,new Fe(e,this.#e,t));let{input:o,target:s}=this.#r;let n=new Float32Array(o.length);for(let d=0;d<dt;d++)n.set(await a.run(this.#s(o,d),this.#t,this.#t),d*this.#a);let i=d=>Qr(this.#s(d,this.#o));return{psnr:{damaged:Jr(this.#n(o)),restored:Jr(this.#n(n))},preview:{size:this.#t,damaged:i(o),restored:i(n),original:i(s)}}}catch(u){var l=u,p=!0}finally{we(c,l,p)}}get#a(){return this.#t*this.#t*3}#s(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#n(e){return Array.from({length:dt},(t,a)=>{let o=0;for(let s=a*this.#a;s<(a+1)*this.#a;s++)o+=(Math.min(Math.max(e[s],0),1)-this.#r.target[s])**2;return Math.min(-10*Math.log10(o/this.#a),ts)})}};function Jr(r){return r.reduce((e,t)=>e+t,0)/r.length}async function Yr({name:r,url:e,bytes:t}){if(t)return et(t,r);let a=await fetch(e).catch(o=>{throw new k(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new k(`Cannot fetch the model ${r}: the server answered ${a.status}`);return et(new Uint8Array(await a.arrayBuffer()),r)}var Xr="l1",rs=.05,as=2500,os=8,Z=Hr(),ve=!1;Z.onmessage=({data:r})=>{if(r.kind==="stop"){ve=!0;return}ve=!1,ss(r.training).catch(e=>Z.postMessage({kind:"failed",message:Ue(e)}))};async function ss(r){var S=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:s}=r;let n=Ot(r.recipe);let i=await ns(r);let{topology:c}=i;let u=ce(S,await Nt());let l=await $e.open(r.files,(O,N)=>Z.postMessage({kind:"decoding",done:O,total:N}));let p=Pt(l.photos,rs,o);let d=new ue(l,{patch:a,batch:t,seed:o,recipe:n,indices:p.train});let m=await Le.draw(l,{indices:p.validation,recipe:n,seed:o,topology:c});let f=ce(S,await Ne.create(u,{topology:c,batch:t,patch:a,loss:Xr}).catch(O=>{throw O instanceof G?new k(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):O}));f.start(i.parameters);Z.postMessage({kind:"ready",device:u.adapter.name,photos:l.photos.length,skipped:l.skipped,parameters:[...i.parameters.values()].reduce((O,{length:N})=>O+N,0)});let h=performance.now();let g=0;let v=0;for(;g<e&&!ve;){if(f.step(await d.batch(g),Vt(g+1,{peak:r.learningRate,steps:e})),g++,await new Promise(De=>setTimeout(De)),g%s!==0&&g<e&&!ve)continue;let{loss:O}=await f.look();if(!Number.isFinite(O))throw new k(`The loss is no longer finite at step ${g}: try a smaller learning rate`);let N=performance.now(),D=g/(N-h)*1e3;if(N<v&&g<e&&!ve){Z.postMessage({kind:"progress",step:g,loss:O,stepsPerSecond:D});continue}let{average:j}=await f.state(),{psnr:W,preview:ie}=await m.measure(u,j);Z.postMessage({kind:"progress",step:g,loss:O,stepsPerSecond:D,psnr:W,preview:ie},[ie.restored.buffer]);let Be=performance.now()-N;v=performance.now()+Math.max(as,os*Be)}let{average:w}=await f.state();let{psnr:y}=await m.measure(u,w);let b=Re({name:"own",recipe:n.text,seed:o,steps:g,loss:Xr,data:`${l.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(y.restored.toFixed(3))},created:new Date().toISOString(),version:gt,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let _=Kt({topology:c,parameters:w,info:b});Z.postMessage({kind:"done",step:g,stopped:g<e,file:_},[_.buffer])}catch(E){var C=E,R=!0}finally{we(S,C,R)}}async function ns(r){if(r.init)return await Yr(r.init);let e=Se({base:r.base,depth:r.depth});return{topology:e,parameters:Ut(e,r.seed)}}
